#include "onnx/float_model.h"

#include <algorithm>
#include <stdexcept>

#include "base/fixture.h"
#include "ir/fixture.h"
#include "onnx/interface.h"

namespace dsode::onnx {
namespace {

ir::ModelSpec small_spec(const std::string& solver = "euler", const std::string& time = "none") {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{4, 6};
  overrides.input = std::vector{8, 6, 1};
  overrides.steps = 2;
  overrides.solver = solver;
  overrides.time = time;
  return ir::make_spec("dsodenet-t", overrides);
}

ir::Graph graph_of(const ir::ModelSpec& spec) {
  return ir::graph_from_checkpoint(ir::RandomCheckpoint(spec).make());
}

std::vector<Node> reading(const Model& model, const std::string& input) {
  std::vector<Node> found;
  for (const Node& node : model.nodes)
    if (std::ranges::count(node.inputs, input) > 0) found.push_back(node);
  return found;
}

int64_t count(const Model& model, const std::string& op) {
  return std::ranges::count(model.nodes, op, &Node::op);
}

const ir::Tensor& tensor(const Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.initializers, name, &Initializer::name);
  if (found == model.initializers.end()) throw std::out_of_range(name);
  return found->tensor;
}

// Every tensor has one source, ahead of those that read it.
void expect_sound(const Model& model) {
  std::set<std::string> known;
  const auto define = [&](const std::string& name) { EXPECT_TRUE(known.insert(name).second) << name; };
  for (const Value& value : model.inputs) define(value.name);
  for (const Initializer& constant : model.initializers) define(constant.name);
  for (const Node& node : model.nodes) {
    for (const auto& input : node.inputs) EXPECT_TRUE(known.contains(input)) << input;
    define(node.output);
  }
  for (const Value& value : model.outputs) EXPECT_TRUE(known.contains(value.name)) << value.name;
}

TEST(FloatModel, TakesPixelsAndCarriesWhatTheirUseNeeds) {
  const ir::ModelSpec spec = small_spec();
  const Model model = float_model(graph_of(spec));
  ASSERT_EQ(model.inputs.size(), 1U);
  EXPECT_EQ(model.inputs[0].dtype, ir::DType::kU8);
  EXPECT_EQ(model.inputs[0].shape, (std::vector<int64_t>{8, 6, 1}));
  EXPECT_EQ(model.outputs[0].name, "logits");
  EXPECT_EQ(model.outputs[1].shape, (std::vector<int64_t>{6}));
  EXPECT_EQ(ir::to_json(ir::spec_from_json(Json::parse(model.metadata.at("spec")), "test")),
            ir::to_json(spec));
  EXPECT_EQ(Json::parse(model.metadata.at("classes")), Json(spec.classes));
  EXPECT_EQ(model.metadata.at("resize"), spec.resize);
}

TEST(FloatModel, EveryStepReadsTheSameWeights) {
  const Model model = float_model(graph_of(small_spec("midpoint")));
  expect_sound(model);
  for (const char* weight : {"stage1.conv1.dw.weight", "stage1.conv1.pw.weight", "stage2.conv2.pw.weight"})
    EXPECT_EQ(reading(model, weight).size(), 4U) << weight;
}

TEST(FloatModel, EveryEvaluationHasItsRowOfTheNorm) {
  const ir::Graph graph = graph_of(small_spec());
  const Model model = float_model(graph);
  const auto& loop = std::get<ir::OdeLoop>(graph.ops[3].what);
  const auto& norm = std::get<ir::Affine>(loop.body[0].what);
  ASSERT_EQ(norm.rows, 2);
  const auto second = tensor(model, "stage1.norm1.scale.1").as<float>();
  EXPECT_TRUE(std::equal(second.begin(), second.end(), norm.scale.begin() + 4));
  EXPECT_EQ(reading(model, "stage1.norm1.scale.1").size(), 1U);
}

TEST(FloatModel, WhatNoOutputNeedsIsLeftOut) {
  // dopri5 does not use its seventh slope, nor Euler the border map at t = 0.
  const Model dopri5 = float_model(graph_of(small_spec("dopri5")));
  expect_sound(dopri5);
  EXPECT_EQ(reading(dopri5, "stage1.conv2.pw.weight").size(), 12U);
  ir::ModelSpec one_step = small_spec("euler", "concat");
  one_step.steps = 1;
  EXPECT_EQ(count(float_model(graph_of(one_step)), "Gather"), 0);
}

TEST(FloatModel, TheBorderMapOfAConvolutionIsMadeOnce) {
  const Model model = float_model(graph_of(small_spec("heun", "concat")));
  expect_sound(model);
  EXPECT_EQ(count(model, "Gather"), 2 * 4);
  EXPECT_EQ(reading(model, "stage1.conv1.pw.border").size(), 3U);  // t = 1/2 twice, and t = 1 as it is
}

TEST(FloatModel, OperationsMayBeCalledLikeInputsAndOutputs) {
  ir::Graph graph = graph_of(small_spec());
  graph.ops[0].name = "pixels";
  graph.ops[1].name = "logits";
  graph.ops[2].name = "zeros.4";
  const Model model = float_model(graph);
  expect_sound(model);
  EXPECT_EQ(model.nodes.back().output, "logits");
}

TEST(FloatModel, AnEndlessUnrollingIsRefused) {
  ir::Graph graph = graph_of(small_spec());
  auto& loop = std::get<ir::OdeLoop>(graph.ops[3].what);
  loop.steps = ir::kMaxSteps;
  loop.body.assign(201, ir::Op{"relu", ir::Relu{}});
  EXPECT_TRUE(says(error_of([&] { float_model(graph); }), "200000 nodes", "steps"));
}

}  // namespace
}  // namespace dsode::onnx
