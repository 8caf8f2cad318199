#include "model/network.h"

#include <gtest/gtest.h>

#include "ir/cost.h"

namespace dsode::model {
namespace {

using torch::Tensor;

ir::ModelOverrides small() {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{4, 6};
  overrides.input = std::vector{9, 8, 1};
  overrides.steps = 3;
  return overrides;
}

int64_t parameter_count(const torch::nn::Module& module) {
  int64_t n = 0;
  for (const auto& p : module.parameters()) n += p.numel();
  return n;
}

double relative_error(const Tensor& a, const Tensor& b) {
  return ((a - b).norm() / b.norm().clamp_min(1e-12)).item<double>();
}

// Parameter gradients of a fixed random loss, in training mode.
std::vector<Tensor> gradients(Network& network, const Tensor& x, Gradient gradient) {
  network->train();
  network->zero_grad();
  network->set_gradient(gradient);
  torch::manual_seed(7);
  const Tensor logits = network(x);
  (logits * torch::randn_like(logits)).sum().backward();
  std::vector<Tensor> grads;
  for (const auto& p : network->parameters()) grads.push_back(p.grad().clone());
  return grads;
}

TEST(Network, ParametersAgreeWithTheCostTable) {
  for (const auto& name : ir::model_names())
    for (const char* time : {"none", "concat"})
      for (const char* norm : {"bn-per-step", "none"}) {
        ir::ModelOverrides overrides;
        overrides.time = time;
        overrides.norm = norm;
        overrides.steps = 2;
        const auto spec = ir::make_spec(name, overrides);
        EXPECT_EQ(parameter_count(*Network(spec)), ir::cost(spec).params)
            << name << " " << time << " " << norm;
      }
}

TEST(Network, DefaultTinyModelHasThePublishedSize) {
  EXPECT_EQ(parameter_count(*Network(ir::make_spec("dsodenet-t", {}))), 17354);
}

struct Case {
  const char *family, *solver, *norm, *time;
};
void PrintTo(const Case& c, std::ostream* os) {
  *os << c.family << "_" << c.solver << "_" << c.norm << "_" << c.time;
}

class GradientModes : public testing::TestWithParam<Case> {
 protected:
  ir::ModelSpec spec() const {
    auto overrides = small();
    overrides.solver = GetParam().solver;
    overrides.norm = GetParam().norm;
    overrides.time = GetParam().time;
    return ir::make_spec(std::string(GetParam().family) + "-t", overrides);
  }
};

TEST_P(GradientModes, CheckpointEqualsFull) {
  torch::manual_seed(1);
  Network network(spec());
  network->to(torch::kDouble);
  const Tensor x = torch::randn({5, 1, 9, 8}, torch::kDouble);
  const auto full = gradients(network, x, Gradient::kFull);
  const auto checkpoint = gradients(network, x, Gradient::kCheckpoint);
  ASSERT_EQ(full.size(), checkpoint.size());
  for (size_t i = 0; i < full.size(); ++i)
    EXPECT_LT(relative_error(checkpoint[i], full[i]), 1e-6) << "tensor " << i;
}

TEST_P(GradientModes, CheckpointCountsEachBatchOnceInTheStatistics) {
  torch::manual_seed(1);
  Network a(spec());
  Network b = clone(a);
  const Tensor x = torch::randn({5, 1, 9, 8});
  gradients(a, x, Gradient::kFull);
  gradients(b, x, Gradient::kCheckpoint);
  auto buffers = a->named_buffers();
  for (const auto& item : b->named_buffers())
    EXPECT_LT((item.value() - buffers[item.key()]).abs().max().item<double>(), 1e-6) << item.key();
}

INSTANTIATE_TEST_SUITE_P(Models, GradientModes,
                         testing::Values(Case{"dsodenet", "euler", "bn-per-step", "none"},
                                         Case{"dsodenet", "midpoint", "bn-per-step", "concat"},
                                         Case{"odenet", "heun", "bn", "concat"},
                                         Case{"odenet", "rk4", "gn", "none"},
                                         Case{"rodenet", "dopri5", "none", "concat"},
                                         Case{"dsodenet", "dopri5", "gn", "concat"},
                                         Case{"resnet", "euler", "bn-per-step", "none"}));

TEST(Gradients, FollowFiniteDifferences) {
  torch::manual_seed(3);
  auto overrides = small();
  overrides.norm = "gn";
  overrides.solver = "rk4";
  overrides.time = "concat";
  Network network(ir::make_spec("dsodenet-t", overrides));
  network->to(torch::kDouble);
  const Tensor x = torch::randn({2, 1, 9, 8}, torch::kDouble);
  const Tensor weight = network->named_parameters()["stage1.f.conv1.pointwise"];
  const auto loss = [&] { return network(x).square().sum(); };
  loss().backward();
  const Tensor direction = torch::randn_like(weight);
  const double slope = (weight.grad() * direction).sum().item<double>(), eps = 1e-7;
  torch::NoGradGuard no_grad;
  weight.add_(direction, eps);
  const double up = loss().item<double>();
  weight.sub_(direction, 2 * eps);
  const double down = loss().item<double>();
  EXPECT_NEAR((up - down) / (2 * eps), slope, 1e-4 * std::abs(slope));
}

TEST(Gradients, AdjointApproachesTheExactGradientAsStepsGrow) {
  const auto error_at = [](int steps) {
    torch::manual_seed(3);
    auto overrides = small();
    overrides.norm = "gn";
    overrides.steps = steps;
    Network network(ir::make_spec("dsodenet-t", overrides));
    network->to(torch::kDouble);
    const Tensor x = torch::randn({4, 1, 9, 8}, torch::kDouble);
    const auto exact = gradients(network, x, Gradient::kFull);
    const auto adjoint = gradients(network, x, Gradient::kAdjoint);
    double worst = 0;
    for (size_t i = 0; i < exact.size(); ++i) worst = std::max(worst, relative_error(adjoint[i], exact[i]));
    return worst;
  };
  const double coarse = error_at(4), fine = error_at(64);
  EXPECT_GT(coarse, 1e-4);  // the continuous adjoint is not the gradient of the discrete steps
  EXPECT_LT(fine, coarse / 4);
}

// The reference of the 9-class border bias: t really concatenated as one more channel.
TEST(TimeBias, EqualsConcatenation) {
  for (bool separable : {true, false})
    for (auto [h, w] : {std::pair{2, 2}, {2, 5}, {7, 6}}) {
      torch::manual_seed(5);
      Conv3x3 conv(Conv3x3Options{.in = 3, .out = 4, .separable = separable, .time = true});
      conv->to(torch::kDouble);
      const Tensor x = torch::randn({2, 3, h, w}, torch::kDouble);
      const double t = 0.37;
      const Tensor wide = torch::cat({x, torch::full({2, 1, h, w}, t, torch::kDouble)}, 1);
      auto p = conv->named_parameters();
      const Tensor expected =
          separable ? torch::conv2d(torch::conv2d(wide, p["depthwise"], {}, 1, 1, 1, 4), p["pointwise"])
                    : torch::conv2d(wide, p["weight"], {}, 1, 1);
      EXPECT_LT((conv(x, t) - expected).abs().max().item<double>(), 1e-12)
          << separable << " " << h << "x" << w;
    }
}

// With a bias of 1 the ReLU cuts nothing near the mean.
TEST(NormRelu, KeepsStatisticsPerEvaluation) {
  NormRelu norm("bn-per-step", 2, 3);
  torch::NoGradGuard no_grad;
  norm->named_parameters()["bias"].fill_(1);
  norm->train();
  norm->set_momentum(1);
  for (int evaluation = 0; evaluation < 3; ++evaluation)
    norm(torch::randn({64, 2, 4, 4}) + 10.0 * evaluation, evaluation);
  norm->eval();
  for (int evaluation = 0; evaluation < 3; ++evaluation) {
    const Tensor y = norm(torch::full({1, 2, 1, 1}, 10.0 * evaluation), evaluation);
    EXPECT_NEAR((y - 1).abs().max().item<double>(), 0, 0.2);
  }
}

TEST(Network, EvaluatesOneImageLikeABatch) {
  torch::manual_seed(2);
  Network network(ir::make_spec("dsodenet-t", {}));
  network->eval();
  torch::NoGradGuard no_grad;
  const Tensor x = torch::randn({3, 1, 28, 28});
  EXPECT_LT((network(x)[1] - network(x.narrow(0, 1, 1))[0]).abs().max().item<double>(), 1e-4);
}

TEST(Network, AdaptiveSolverCountsItsEvaluations) {
  torch::manual_seed(2);
  auto overrides = small();
  overrides.solver = "dopri5";
  overrides.norm = "gn";
  const auto loose_spec = ir::make_spec("dsodenet-t", overrides);
  overrides.rtol = 1e-6;
  overrides.atol = 1e-7;
  Network loose(loose_spec), tight(ir::make_spec("dsodenet-t", overrides));
  loose->eval(), tight->eval();
  torch::NoGradGuard no_grad;
  const Tensor x = torch::randn({2, 1, 9, 8});
  loose(x), tight(x);
  EXPECT_GT(loose->evaluations(), 0);
  EXPECT_GT(tight->evaluations(), loose->evaluations());
}

TEST(Network, LargeStemShrinksTheMapFourTimes) {
  auto overrides = small();
  overrides.input = std::vector{64, 64, 3};
  overrides.stem = "conv7x7-pool";
  const auto spec = ir::make_spec("dsodenet-t", overrides);
  EXPECT_EQ(spec.stage_shape(0), (Shape{16, 16, 4}));
  Network network(spec);
  EXPECT_EQ(network(torch::randn({2, 3, 64, 64})).sizes(), (std::vector<int64_t>{2, 10}));
}

}  // namespace
}  // namespace dsode::model
