#include "ir/spec.h"

#include "base/fixture.h"

namespace dsode::ir {
namespace {

ModelSpec spec_of(const std::string& model = "dsodenet-t", const ModelOverrides& overrides = {}) {
  return make_spec(model, overrides);
}

TEST(Spec, NamedModelsHaveThePublishedSizes) {
  EXPECT_EQ(spec_of("dsodenet-t").widths, (std::vector{16, 32, 64}));
  EXPECT_EQ(spec_of("dsodenet-t").input, (Shape{28, 28, 1}));
  EXPECT_EQ(spec_of("odenet-s").widths, (std::vector{32, 64, 128}));
  EXPECT_EQ(spec_of("resnet-b").widths, (std::vector{64, 128, 256}));
  EXPECT_EQ(spec_of("rodenet-b").input, (Shape{32, 32, 3}));
  EXPECT_EQ(spec_of("dsodenet-b").steps, 10);
  EXPECT_EQ(spec_of("dsodenet-b").norm, "bn-per-step");
}

TEST(Spec, EveryNameIsAModelWithThatName) {
  EXPECT_EQ(model_names().size(), 12u);
  for (const auto& name : model_names()) EXPECT_EQ(spec_of(name).name(), name);
}

TEST(Spec, UnknownModelSuggestsTheNearest) {
  EXPECT_TRUE(says(error_of([] { spec_of("dsodnet-t"); }), "--model", "'dsodnet-t'", "'dsodenet-t'"));
}

TEST(Spec, OverridesReplaceTheirField) {
  ModelOverrides overrides;
  overrides.widths = {{8, 16}};
  overrides.steps = 3;
  overrides.solver = "heun";
  overrides.input = {{12, 10, 3}};
  const ModelSpec spec = spec_of("dsodenet-t", overrides);
  EXPECT_EQ(spec.widths, (std::vector{8, 16}));
  EXPECT_EQ(spec.steps, 3);
  EXPECT_EQ(spec.stage_evaluations(0), 6);
  EXPECT_EQ(spec.input, (Shape{12, 10, 3}));
  EXPECT_EQ(spec.normalization.mean.size(), 3u);
}

TEST(Spec, RodenetIteratesItsLastStageOnly) {
  const ModelSpec spec = spec_of("rodenet-t");
  EXPECT_EQ(spec.stage_steps(0), 1);
  EXPECT_EQ(spec.stage_steps(1), 1);
  EXPECT_EQ(spec.stage_steps(2), spec.steps);
}

TEST(Spec, StagesHalveTheSideRoundingUp) {
  ModelSpec spec = spec_of();
  spec.input = {29, 7, 1};
  EXPECT_EQ(spec.stage_shape(0), (Shape{29, 7, 16}));
  EXPECT_EQ(spec.stage_shape(1), (Shape{15, 4, 32}));
  EXPECT_EQ(spec.stage_shape(2), (Shape{8, 2, 64}));
  spec.stem = "conv7x7-pool";
  EXPECT_EQ(spec.stage_shape(0), (Shape{8, 2, 16}));
}

TEST(Spec, Dopri5AdaptsWhereTheNormAllowsIt) {
  ModelOverrides overrides;
  overrides.solver = "dopri5";
  EXPECT_EQ(spec_of("dsodenet-t", overrides).step_control, "fixed");
  overrides.norm = "gn";
  EXPECT_EQ(spec_of("dsodenet-t", overrides).step_control, "adaptive");
  overrides.norm = "bn-per-step";
  overrides.step_control = "adaptive";
  EXPECT_TRUE(says(error_of([&] { spec_of("dsodenet-t", overrides); }), "norm", "bn-per-step", "gn"));
  overrides.norm = "none";
  overrides.solver = "rk4";
  EXPECT_TRUE(says(error_of([&] { spec_of("dsodenet-t", overrides); }), "step_control", "rk4", "dopri5"));
}

TEST(Spec, JsonRoundTrip) {
  ModelOverrides overrides;
  overrides.solver = "dopri5";
  overrides.norm = "bn";
  overrides.time = "concat";
  overrides.rtol = 0.125;
  ModelSpec spec = spec_of("odenet-s", overrides);
  spec.classes = {"cat", "dog", "\"quoted\" ünïcode"};
  spec.normalization = {{0.1f, 0.2f, 0.3f}, {0.4f, 0.5f, 0.6f}};
  const Json json = to_json(spec);
  const ModelSpec again = spec_from_json(Json::parse(json.dump()), "file");
  EXPECT_EQ(to_json(again), json);
  EXPECT_EQ(again.classes, spec.classes);
  EXPECT_EQ(again.normalization.std, spec.normalization.std);
}

TEST(Spec, EveryFieldOfTheJsonIsRequired) {
  const Json json = to_json(spec_of());
  for (const auto& [key, value] : json.items()) {
    if (key == "layout") continue;  // one there is, stated for other readers
    Json without = json;
    without.erase(key);
    EXPECT_TRUE(says(error_of([&] { spec_from_json(without, "file"); }), "file: " + key, "missing"));
    Json wrong = json;
    wrong[key] = Json::array({Json::object()});
    EXPECT_TRUE(says(error_of([&] { spec_from_json(wrong, "file"); }), "file: "));
  }
}

TEST(Spec, JsonThatIsNoObjectIsRefused) {
  for (const char* text : {"null", "3", "[]", "\"spec\"", "{}"})
    EXPECT_TRUE(
        says(error_of([&] { spec_from_json(Json::parse(text), "file"); }), "file: family", "missing"));
}

struct Fault {
  const char* field;
  Json value;
  const char* says;
};

TEST(Spec, EveryFieldIsValidated) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Fault> faults{
      {"family", "dsodnet", "'dsodenet'"},
      {"solver", "eulr", "'euler'"},
      {"step_control", "fixd", "'fixed'"},
      {"norm", "bm", "'bn'"},
      {"time", "concta", "'concat'"},
      {"stem", "conv3", "'conv3x3'"},
      {"widths", Json::array(), "0 stages"},
      {"widths", {1, 1, 1, 1, 1, 1, 1, 1, 1}, "9 stages"},
      {"widths", {4, 0}, "0 channels"},
      {"widths", {4, 1'000'000}, "1000000 channels"},
      {"steps", 0, "0"},
      {"steps", 100'000, "100000"},
      {"steps", int64_t{1} << 32 | 4, "wrong type"},
      {"steps", 4.5, "wrong type"},
      {"steps", 1e300, "wrong type"},
      {"steps", true, "wrong type"},
      {"widths", {4, 6.5}, "wrong type"},
      {"input", {28, 28, int64_t{1} << 32 | 1}, "wrong type"},
      {"input", {28, 28, 2}, "2 channels"},
      {"input", {28, 28}, "three numbers"},
      {"input", {1, 28, 1}, "1x28x1"},
      {"input", {-5, 28, 1}, "-5x28x1"},
      {"input", {28, 100'000, 1}, "28x100000x1"},
      {"input", {4, 4, 1}, "last stage"},
      {"classes", {"only"}, "at least two"},
      {"rtol", 0.0, "positive"},
      {"atol", -1.0, "positive"},
      {"normalization", {{"mean", {0.5, 0.5}}, {"std", {0.5, 0.5}}}, "one mean"},
      {"normalization", {{"mean", {0.5}}, {"std", Json::array()}}, "one mean"},
      {"normalization", {{"mean", {0.5}}, {"std", {0.0}}}, "std positive"},
      {"normalization", {{"mean", {nan}}, {"std", {0.5}}}, "finite"},
  };
  for (const Fault& fault : faults) {
    Json json = to_json(spec_of());
    json[fault.field] = fault.value;
    const std::string error = error_of([&] { spec_from_json(json, "file"); });
    EXPECT_TRUE(says(error, "file: ", fault.field == std::string("atol") ? "rtol" : fault.field, fault.says))
        << json[fault.field];
  }
}

TEST(Architecture, DiffersInWhatDecidesTensorsAndArithmetic) {
  const ModelSpec spec = spec_of();
  ModelSpec other = spec;
  other.steps = 5;
  EXPECT_TRUE(
      says(error_of([&] { check_same_architecture(other, spec, "file"); }), "file: steps is 5, expected 4"));
  other = spec;
  other.classes.pop_back();
  EXPECT_TRUE(says(error_of([&] { check_same_architecture(other, spec, "file"); }), "file: classes is 9"));
  other = spec;
  other.normalization.mean = {0.1f};
  other.classes[0] = "zero";
  check_same_architecture(other, spec, "file");
}

}  // namespace
}  // namespace dsode::ir
