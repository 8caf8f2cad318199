// The graph of a checkpoint, run by the scalar interpreter, is the network that libtorch runs.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/fixture.h"
#include "ir/checkpoint_graph.h"
#include "ir/interpret.h"
#include "model/checkpoint.h"

namespace dsode::model {
namespace {

using torch::Tensor;

// A small network with every tensor away from its initial value.
Network random_network(const std::string& model, const ir::ModelOverrides& overrides) {
  torch::manual_seed(11);
  Network network(ir::make_spec(model, overrides));
  torch::NoGradGuard no_grad;
  for (auto& item : network->named_parameters())
    if (item.value().dim() == 1) item.value().add_(0.3 * torch::randn_like(item.value()));
  for (auto& item : network->named_buffers()) {
    const bool variance = item.key().ends_with("running_var");
    item.value().copy_(variance ? 0.5 + torch::rand_like(item.value())
                                : 0.3 * torch::randn_like(item.value()));
  }
  network->eval();
  return network;
}

ir::SafeTensors checkpoint_of(Network& network) {
  ir::SafeTensors file;
  file.metadata = metadata(network);
  file.origin = "test";
  store(network, "", file);
  return file;
}

ir::ModelOverrides small() {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{6, 8};
  overrides.input = std::vector{7, 10, 3};
  overrides.steps = 3;
  return overrides;
}

// Largest relative error of logits and features, in norm, over a few images.
double disagreement(Network& network, const ir::Graph& graph) {
  torch::manual_seed(5);
  const Shape in = network->spec().input;
  torch::NoGradGuard no_grad;
  double worst = 0;
  for (int i = 0; i < 3; ++i) {
    const Tensor image = torch::randn({in.h, in.w, in.c});
    const Tensor features = network->features(image.permute({2, 0, 1}).unsqueeze(0));
    const auto scores = ir::interpret(graph, {image.data_ptr<float>(), in.size()});
    const auto error = [](const std::vector<float>& ours, const Tensor& theirs) {
      const Tensor mine = torch::tensor(ours).reshape_as(theirs);
      return ((mine - theirs).norm() / theirs.norm()).item<double>();
    };
    worst = std::max(
        {worst, error(scores.features, features), error(scores.logits, network->classify(features))});
  }
  return worst;
}

class GraphOf : public testing::TestWithParam<const char*> {};

TEST_P(GraphOf, EveryFamilyNormTimeAndSolverEqualsTheNetwork) {
  for (const auto& norm : ir::kNorms)
    for (const auto& time : ir::kTimes)
      for (const auto& solver : ode::solver_names()) {
        ir::ModelOverrides overrides = small();
        overrides.norm = norm;
        overrides.time = time;
        overrides.solver = solver;
        overrides.step_control = "fixed";
        Network network = random_network(std::string(GetParam()) + "-t", overrides);
        EXPECT_LT(disagreement(network, ir::graph_from_checkpoint(checkpoint_of(network))), 1e-5)
            << norm << " " << time << " " << solver;
      }
}
INSTANTIATE_TEST_SUITE_P(Families, GraphOf, testing::Values("resnet", "odenet", "rodenet", "dsodenet"));

TEST(GraphOfCheckpoint, PublishedSizesAndTheLargeStemEqualTheNetwork) {
  Network tiny = random_network("dsodenet-t", {});
  EXPECT_LT(disagreement(tiny, ir::graph_from_checkpoint(checkpoint_of(tiny))), 1e-5);
  ir::ModelOverrides large = small();
  large.input = std::vector{33, 30, 1};
  large.stem = "conv7x7-pool";
  Network pooled = random_network("odenet-t", large);
  EXPECT_LT(disagreement(pooled, ir::graph_from_checkpoint(checkpoint_of(pooled))), 1e-5);
}

TEST(GraphOfCheckpoint, SurvivesItsFile) {
  ir::ModelOverrides overrides = small();
  overrides.time = "concat";
  Network network = random_network("dsodenet-t", overrides);
  const ir::Graph graph = ir::graph_from_checkpoint(checkpoint_of(network));
  const TempDir dir;
  const auto path = dir.path() / "graph.safetensors";
  ir::save_graph(path, graph);
  const ir::Graph again = ir::load_any_graph(path);
  EXPECT_EQ(ir::to_json(again.spec), ir::to_json(graph.spec));
  EXPECT_LT(disagreement(network, again), 1e-5);
}

TEST(GraphOfCheckpoint, RefusesNaNMissingTensorsAndNegativeVarianceByName) {
  Network network = random_network("dsodenet-t", small());
  const auto refused = [&](const std::string& name, auto&& damage) {
    ir::SafeTensors file = checkpoint_of(network);
    damage(file);
    try {
      ir::graph_from_checkpoint(file);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  };
  const auto set_first = [](ir::Tensor& tensor, float value) { std::memcpy(tensor.bytes.data(), &value, 4); };
  refused("stage1.f.conv1.depthwise",
          [&](auto& file) { set_first(file.tensors["stage1.f.conv1.depthwise"], std::nanf("")); });
  refused("stage2.f.norm2.running_var",
          [&](auto& file) { set_first(file.tensors["stage2.f.norm2.running_var"], -1); });
  refused("classifier.bias", [&](auto& file) { file.tensors.erase("classifier.bias"); });
}

}  // namespace
}  // namespace dsode::model
