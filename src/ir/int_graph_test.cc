// An integer model's file survives being written and read; one that is not sound is refused by file,
// operation and field.
#include "ir/int_graph.h"

#include <gtest/gtest.h>

#include "ir/int_fixture.h"

namespace dsode::ir::integer {
namespace {

TEST(IntGraph, SurvivesItsFile) {
  const TempDir dir;
  const SafeTensors file = to_file(small_model());
  save(dir.path(), small_model());
  for (const auto& path : {dir.path(), dir.path() / kFileName}) {
    const SafeTensors again = to_file(load(path));
    EXPECT_EQ(again.metadata, file.metadata);
    EXPECT_EQ(again.tensors, file.tensors);
  }
  EXPECT_TRUE(says(error_of([&] { load(dir.path().parent_path() / "none"); }), "none: cannot open"));
}

struct Fault {
  const char *key, *at;  // a text of the metadata, and the place in it
  const char* value;     // JSON, null: left out
  std::vector<const char*> pieces;
};

TEST(IntGraph, RefusesAFaultyFieldByName) {
  const std::vector<Fault> faults{
      {"numbers", "", "[]", {"weight_bits"}},
      {"numbers", "/weight_bits", "1", {"weight_bits", "2 to 8"}},
      {"numbers", "/weight_bits", "9", {"weight_bits"}},
      {"numbers", "/weight_bits", "8.0", {"weight_bits"}},
      {"numbers", "/weight_bits", "\"8\"", {"weight_bits"}},
      {"numbers", "/weight_bits", "true", {"weight_bits"}},
      {"numbers", "/weight_bits", nullptr, {"weight_bits"}},
      {"numbers", "/activation_bits", "18446744073709551615", {"activation_bits", "2 to 8"}},
      {"numbers", "/state_bits", "7", {"state_bits", "8 to 16"}},
      {"numbers", "/state_bits", "17", {"state_bits"}},
      {"numbers", "/logit_scale", nullptr, {"logit_scale"}},
      {"numbers", "/logit_scale", "\"1\"", {"logit_scale", "not a number"}},
      {"numbers", "/logit_scale", "null", {"logit_scale"}},  // what NaN is written as
      {"numbers", "/logit_scale", "0", {"logit_scale"}},
      {"numbers", "/logit_scale", "-0.5", {"logit_scale"}},
      {"numbers", "/logit_scale", "1e30", {"logit_scale"}},    // scores beyond a float
      {"numbers", "/logit_scale", "1e-300", {"logit_scale"}},  // scores below one
      {"spec", "/classes", "[\"a\",\"b\",\"c\"]", {"ops", "each of 3 classes"}},
      {"spec", "/widths", "[2,3]", {"\"linear\"", "2 channels", "end in 3"}},
      {"spec", "/input", "[4096,4096,1]", {"\"pool\"", "accumulator"}},
      {"ops", "", "[]", {"ops", "1 to 4096"}},
      {"ops", "", "{}", {"ops"}},
      {"ops", "/2", "3", {"ops", "no name"}},
      {"ops", "/0/name", nullptr, {"ops", "no name"}},
      {"ops", "/0/name", "\"\"", {"ops", "no name"}},
      {"ops", "/1/body/0/name", "\"stem\"", {"\"stem\"", "used twice"}},
      {"ops", "/6/name", "\"stage1\"", {"\"stage1\"", "used twice"}},
      {"ops", "/0/op", nullptr, {"\"stem\"", "op: missing"}},
      {"ops", "/0/op", "\"con\"", {"\"stem\"", "op: unknown value 'con'", "'conv'"}},
      {"ops", "/0/op", "7", {"\"stem\"", "op: not a text"}},
      {"ops", "/0/out", "0", {"\"stem\"", "out: 0 is not a whole number"}},
      {"ops", "/0/out", "-1", {"\"stem\"", "out: -1"}},
      {"ops", "/0/out", "100001", {"\"stem\"", "out"}},
      {"ops", "/0/out", "2147483648", {"\"stem\"", "out"}},
      {"ops", "/0/out", "4294967298", {"\"stem\"", "out"}},
      {"ops", "/0/out", "3", {"stem.weight", "[3, 3, 1, 3] expected"}},
      {"ops", "/0/shift", nullptr, {"\"stem\"", "shift: missing"}},
      {"ops", "/0/shift", "0", {"\"stem\"", "shift: 0", "1 to 40"}},
      {"ops", "/0/shift", "41", {"\"stem\"", "shift: 41"}},
      {"ops", "/0/shift", "-1", {"\"stem\"", "shift: -1"}},
      {"ops", "/0/shift", "1e99", {"\"stem\"", "shift: 1e+99"}},
      {"ops", "/0/shift", "18446744073709551615", {"\"stem\"", "shift: 18446744073709551615"}},
      {"ops", "/0/shift", "true", {"\"stem\"", "shift: boolean"}},
      {"ops", "/0/shift", "\"3\"", {"\"stem\"", "shift: string"}},
      {"ops", "/0/shift", "[[3]]", {"\"stem\"", "shift: array"}},
      {"ops", "/2/relu", "1", {"\"cast\"", "relu: neither true nor false"}},
      {"ops", "/2/rows", "8193", {"\"cast\"", "rows: 8193"}},
      {"ops", "/3/stride", "3", {"\"dw\"", "stride: 3"}},
      {"ops", "/4/to", "\"stat\"", {"\"pw\"", "to: unknown value 'stat'", "'state'"}},
      {"ops", "/4/timed", "null", {"\"pw\"", "timed"}},
      {"ops", "/4/to", "\"increment\"", {"\"pw\"", "to: an increment closes a loop's body"}},
      {"ops", "/1/body", nullptr, {"\"stage1\"", "body: missing"}},
      {"ops", "/1/body", "[]", {"ops"}},
      {"ops", "/1/body", "3", {"ops"}},
      {"ops", "/1/solver", "\"rk4\"", {"\"stage1\"", "solver: rk4 has no integer form"}},
      {"ops", "/1/solver", "\"eulr\"", {"\"stage1\"", "solver: unknown value 'eulr'"}},
      {"ops", "/1/steps", "0", {"\"stage1\"", "steps: 0"}},
      {"ops", "/1/steps", "1001", {"\"stage1\"", "steps: 1001"}},
      {"ops", "/1/steps", "3", {"\"norm1\"", "rows: 2 for 3 evaluations"}},
      {"ops", "/1/body/2/to", "\"increment\"", {"\"pw1\"", "closes a loop's body"}},
      {"ops", "/1/body/2/to", "\"state\"", {"\"pw1\"", "a state inside a loop"}},
      {"ops", "/1/body/4/to", "\"activation\"", {"\"stage1\"", "does not end in an increment"}},
      {"ops", "/1/body/3/stride", "2", {"\"stage1\"", "does not end in an increment of its state"}},
      {"ops",
       "/1/body/0",
       R"({"op":"ode_loop","name":"inner","solver":"euler","steps":1,"body":[]})",
       {"\"inner\"", "a loop in a loop"}},
      {"ops",
       "/1/body/0",
       R"({"op":"ode_loop","name":"inner","solver":"euler","steps":1})",
       {"\"inner\"", "body: missing"}},
  };
  for (const auto& [key, at, value, pieces] : faults) {
    SCOPED_TRACE(fmt::format("{} {} {}", key, at, value ? value : "left out"));
    const std::string error = refusal([&, key = key, at = at, value = value](SafeTensors& file) {
      Json json = Json::parse(file.metadata[key]);
      const Json::json_pointer place(at);
      if (value)
        json[place] = Json::parse(value);
      else
        json[place.parent_pointer()].erase(place.back());
      file.metadata[key] = json.dump();
    });
    for (const char* piece : pieces) EXPECT_TRUE(says(error, piece));
  }
}

TEST(IntGraph, RefusesNamesThatTracesTake) {
  for (const char* name : {"pixels", "scores", "__metadata__"})
    EXPECT_TRUE(says(refusal_of_model([&](Graph& model) { model.ops[6].name = name; }), name, "name: taken"));
  EXPECT_TRUE(
      says(refusal_of_model([&](Graph& model) { model.ops[6].name = std::string(101, 'x'); }), "no name"));
}

TEST(IntGraph, RefusesAnotherFormatAndMissingTexts) {
  EXPECT_TRUE(says(refusal([](SafeTensors& file) { file.metadata["format"] = "dsodenet-int/2"; }),
                   "format is dsodenet-int/2, not dsodenet-int/1", "dsodenet quantize"));
  for (const char* key : {"format", "spec", "numbers", "ops"}) {
    EXPECT_TRUE(says(refusal([&](SafeTensors& file) { file.metadata.erase(key); }), key, "missing"));
    if (std::string_view(key) == "format") continue;
    EXPECT_TRUE(says(refusal([&](SafeTensors& file) { file.metadata[key].pop_back(); }), key, "not JSON"));
  }
}

TEST(IntGraph, RefusesTextsThatOnlyWantToCostTimeOrStack) {
  constexpr int kMany = 1'000'000;
  for (const char* key : {"spec", "numbers", "ops"}) {
    const std::string deep = std::string(kMany, '[') + std::string(kMany, ']');
    EXPECT_TRUE(
        says(refusal([&](SafeTensors& file) { file.metadata[key] = deep; }), key, "nested too deeply"));
    std::string wide = "{\"x\":0";
    for (int i = 0; i < kMany; ++i) wide += fmt::format(",\"{}\":0", i);
    EXPECT_TRUE(says(refusal([&](SafeTensors& file) { file.metadata[key] = wide + "}"; }), key,
                     "an object of over 64 names"));
  }
  std::string ops = "[{}";
  for (int i = 0; i < kMany; ++i) ops += ",{}";
  EXPECT_TRUE(says(refusal([&](SafeTensors& file) { file.metadata["ops"] = ops + "]"; }), "1 to 4096"));
}

TEST(IntGraph, RefusesTensorsThatAreNotTheOperations) {
  const auto tensor = [](auto&& change) {
    return refusal([&](SafeTensors& file) { change(file.tensors, file.tensors.at("pw1.bias")); });
  };
  EXPECT_TRUE(says(tensor([](auto& all, Tensor&) { all.erase("pw1.bias"); }), "pw1.bias", "missing"));
  EXPECT_TRUE(
      says(tensor([](auto&, Tensor& bias) { bias.dtype = DType::kU32; }), "pw1.bias", "I32 [2, 2] expected"));
  EXPECT_TRUE(says(tensor([](auto&, Tensor& bias) { bias.shape = {4, 1}; }), "pw1.bias", "I32 [4, 1]"));
  EXPECT_TRUE(says(tensor([](auto& all, Tensor&) { all.erase("pw1.time"); }), "pw1.time", "missing"));
}

}  // namespace
}  // namespace dsode::ir::integer
