// A float graph's file survives being written and read; one that is not sound is refused by file, operation
// and field. What it shares with integer models, int_graph_test.cc tests.
#include "ir/graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/fixture.h"
#include "ir/checkpoint_graph.h"
#include "ir/interpret.h"

namespace dsode::ir {
namespace {

// Every operation once, [8,8,1] to two classes.
Graph small_graph() {
  const auto values = [](int n) {
    Floats all;
    for (int i = 0; i < n; ++i) all.push_back(0.1F * static_cast<float>(i * 33 % 19 - 9));
    return all;
  };
  ModelOverrides sizes;
  sizes.widths = std::vector{2, 4};
  sizes.input = std::vector{8, 8, 1};
  Graph graph{make_spec("dsodenet-t", sizes), {}};
  graph.spec.classes = {"cat", "dog"};
  OdeLoop loop{"midpoint", 2, {}};
  loop.body.push_back({"norm1", Affine{4, values(8), values(8)}});
  loop.body.push_back({"relu1", Relu{}});
  loop.body.push_back({"dw", DwConv{1, values(18)}});
  loop.body.push_back({"pw", PwConv{2, true, values(4), values(2), values(18)}});
  graph.ops.push_back({"stem", Conv{5, 2, 2, false, values(50), values(2), {}}});
  graph.ops.push_back({"stage1", std::move(loop)});
  graph.ops.push_back({"max", MaxPool{}});
  graph.ops.push_back({"next", Conv{3, 1, 4, true, values(72), values(4), values(36)}});
  graph.ops.push_back({"norm", GroupNorm{2, values(4), values(4)}});
  graph.ops.push_back({"pool", MeanPool{}});
  graph.ops.push_back({"linear", Linear{2, values(8), values(2)}});
  return graph;
}

SafeTensors file_of(const Graph& graph) {
  const TempDir dir;
  save_graph(dir.path() / "g.safetensors", graph);
  SafeTensors file = load_safetensors(dir.path() / "g.safetensors");
  file.origin = "g.safetensors";
  return file;
}

template <class Change>
std::string refusal(Change&& change) {
  SafeTensors file = file_of(small_graph());
  change(file);
  const std::string error = error_of([&] { any_graph_from(file); });
  EXPECT_TRUE(error.starts_with("g.safetensors: ")) << error;
  return error;
}

TEST(Graph, SurvivesItsFile) {
  const Graph graph = small_graph(), again = graph_from(file_of(graph));
  const SafeTensors first = file_of(graph), second = file_of(again);
  EXPECT_EQ(first.metadata, second.metadata);
  EXPECT_EQ(first.tensors, second.tensors);
  const Floats image(64, 0.5F);
  EXPECT_EQ(interpret(graph, image).logits, interpret(again, image).logits);
}

struct Fault {
  const char* at;     // place in the list of operations
  const char* value;  // JSON, null: left out
  std::vector<const char*> pieces;
};

TEST(Graph, RefusesAFaultyFieldByName) {
  const std::vector<Fault> faults{
      {"/0/op", "\"convolution\"", {"\"stem\"", "op: unknown value"}},
      {"/0/size", "0", {"\"stem\"", "size: 0"}},
      {"/0/size", "8", {"\"stem\"", "size: 8"}},
      {"/0/size", "3", {"stem.weight", "[3, 3, 1, 2] expected"}},
      {"/0/stride", "3", {"\"stem\"", "stride: 3"}},
      {"/0/timed", "true", {"stem.time", "missing"}},
      {"/0/timed", "1", {"\"stem\"", "timed"}},
      {"/0/out", "2147483648", {"\"stem\"", "out"}},
      {"/1/steps", "3", {"\"norm1\"", "rows: 4 for 6 evaluations"}},
      {"/1/solver", "\"heum\"", {"\"stage1\"", "solver", "'heun'"}},
      {"/1/body/2/stride", "2", {"\"stage1\"", "body: turns a map of 4x4x2 into 2x2x2"}},
      {"/1/body/3/out", "3", {"\"stage1\"", "body: turns a map of 4x4x2 into 4x4x3"}},
      {"/4/groups", "0", {"\"norm\"", "groups: 0"}},
      {"/4/groups", "3", {"\"norm\"", "groups: 3 of 4 channels"}},
      {"/4/groups", nullptr, {"\"norm\"", "groups: missing"}},
      {"/5", R"({"op":"relu","name":"pool"})", {"\"linear\"", "its input is a map of 2x2"}},
      {"/6", R"({"op":"relu","name":"linear"})", {"ops", "1x1x4"}},
      {"/6/out", "3", {"ops", "1x1x3", "each of 2 classes"}},
      {"/3/out", "2", {"\"linear\"", "2 channels to read, widths end in 4"}},
  };
  for (const auto& [at, value, pieces] : faults) {
    SCOPED_TRACE(fmt::format("{} {}", at, value ? value : "left out"));
    const std::string error = refusal([&, at = at, value = value](SafeTensors& file) {
      Json ops = Json::parse(file.metadata["ops"]);
      const Json::json_pointer place(at);
      if (value)
        ops[place] = Json::parse(value);
      else
        ops[place.parent_pointer()].erase(place.back());
      file.metadata["ops"] = ops.dump();
    });
    for (const char* piece : pieces) EXPECT_TRUE(says(error, piece));
  }
}

TEST(Graph, RefusesAnotherFormat) {
  EXPECT_TRUE(says(refusal([](SafeTensors& file) { file.metadata["format"] = "dsodenet-int/1"; }),
                   "format is dsodenet-int/1", "a checkpoint"));
  EXPECT_TRUE(says(refusal([](SafeTensors& file) { file.metadata["spec"] = "{}"; }), "family", "missing"));
}

TEST(Graph, RefusesNumbersThatAreNotFinite) {
  for (const char* name : {"stem.weight", "norm1.scale", "pw.time", "linear.bias"})
    EXPECT_TRUE(says(refusal([&](SafeTensors& file) {
                       const float nan = std::nanf("");
                       std::memcpy(file.tensors.at(name).bytes.data() + 4, &nan, 4);
                     }),
                     name, "nan at element 1"));
}

}  // namespace
}  // namespace dsode::ir
