#include "model/norm_relu.h"

#include <gtest/gtest.h>

namespace dsode::model {
namespace {

using torch::Tensor;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

double relative_error(const Tensor& a, const Tensor& b) {
  return ((a - b).norm() / b.norm().clamp_min(1e-12)).item<double>();
}

// One map and the same parameters for our module, which takes the kernels, and for libtorch's two operations.
class FusedNormRelu : public testing::TestWithParam<std::vector<int64_t>> {
 protected:
  FusedNormRelu() : norm_("bn", static_cast<int>(GetParam()[1]), 1) {
    torch::manual_seed(4);
    const auto shape = GetParam();
    // Made of its transpose, so that a map that no layout tells apart is still channels-last in memory.
    x_ = (torch::randn({shape[0], shape[2], shape[3], shape[1]}) * 2 + 3)
             .permute({0, 3, 1, 2})
             .requires_grad_();
    torch::NoGradGuard no_grad;
    weight().normal_(1, 0.3);
    bias().normal_(0, 0.3);
    seed_ = torch::randn(shape) * (libtorch_norm(true).abs() > 1e-5);
    mean_ = torch::randn({shape[1]}, torch::kDouble);
    var_ = torch::rand({shape[1]}, torch::kDouble) + 0.5;
    norm_->named_buffers()["running_mean"][0].copy_(mean_);
    norm_->named_buffers()["running_var"][0].copy_(var_);
  }

  Tensor weight() { return norm_->named_parameters()["weight"]; }
  Tensor bias() { return norm_->named_parameters()["bias"]; }
  // In double: over many pixels libtorch's float sums are further from it than ours.
  Tensor libtorch(bool batch) { return torch::relu(libtorch_norm(batch)).to(torch::kFloat32); }
  Tensor libtorch_norm(bool batch) {
    const auto wide = [](const Tensor& t) { return t.to(torch::kDouble); };
    return torch::batch_norm(wide(x_), wide(weight()), wide(bias()), mean_, var_, batch, 0.1, 1e-5, false);
  }
  // By x, weight and bias, of a fixed random loss that leaves out what rounding may move over the ReLU's
  // kink.
  torch::autograd::variable_list gradients(const Tensor& y) {
    return torch::autograd::grad({y}, {x_, weight(), bias()}, {seed_});
  }
  void expect_running_statistics() {
    EXPECT_LT(relative_error(norm_->named_buffers()["running_mean"][0].to(torch::kDouble), mean_), 1e-6);
    EXPECT_LT(relative_error(norm_->named_buffers()["running_var"][0].to(torch::kDouble), var_), 1e-6);
  }

  NormRelu norm_;
  Tensor x_, seed_, mean_, var_;
};

TEST_P(FusedNormRelu, TrainsLikeLibtorch) {
  const Tensor ours = norm_(x_), theirs = libtorch(true);
  EXPECT_EQ(ours.grad_fn()->name().find("ReluBackward"), std::string::npos) << "the kernels were not taken";
  EXPECT_TRUE(ours.is_contiguous(kChannelsLast));
  EXPECT_LT((ours - theirs).abs().max().item<double>(), 1e-5);
  const auto ours_grad = gradients(ours), theirs_grad = gradients(theirs);
  for (size_t i = 0; i < ours_grad.size(); ++i)
    EXPECT_LT(relative_error(ours_grad[i], theirs_grad[i]), 1e-4) << i;
  expect_running_statistics();
}

TEST_P(FusedNormRelu, TrainsItsMeanLikeLibtorch) {
  const Tensor ours = norm_->mean(x_), theirs = libtorch(true).mean({2, 3});
  EXPECT_EQ(ours.grad_fn()->name().find("MeanBackward") == std::string::npos, GetParam()[1] % 16 == 0);
  EXPECT_LT((ours - theirs).abs().max().item<double>(), 1e-5);
  const Tensor seed = torch::randn_like(theirs);
  const auto of = [&](const Tensor& y) { return torch::autograd::grad({y}, {x_, weight(), bias()}, {seed}); };
  const auto ours_grad = of(ours), theirs_grad = of(theirs);
  for (size_t i = 0; i < ours_grad.size(); ++i)
    EXPECT_LT(relative_error(ours_grad[i], theirs_grad[i]), 1e-4) << i;
  expect_running_statistics();
}

TEST_P(FusedNormRelu, KeepsTheRunningStatisticsWhereItRecomputes) {
  norm_->set_update(false);
  EXPECT_LT((norm_(x_) - libtorch(true)).abs().max().item<double>(), 1e-5);
  EXPECT_GT(relative_error(norm_->named_buffers()["running_mean"][0].to(torch::kDouble), mean_), 1e-3);
}

TEST_P(FusedNormRelu, EvaluatesWithBatchStatisticsLikeLibtorch) {
  norm_->eval();
  norm_->set_statistics(Statistics::kBatch);
  const Tensor before = norm_->named_buffers()["running_mean"].clone();
  EXPECT_LT((norm_(x_) - libtorch(true)).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(torch::equal(norm_->named_buffers()["running_mean"], before));
}

TEST_P(FusedNormRelu, EvaluatesWithRunningStatisticsLikeLibtorch) {
  norm_->eval();
  const Tensor with_gradient = norm_(x_);
  torch::NoGradGuard no_grad;
  EXPECT_LT((norm_(x_) - libtorch(false)).abs().max().item<double>(), 1e-5);
  EXPECT_LT((with_gradient - libtorch(false)).abs().max().item<double>(), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Shapes, FusedNormRelu,
                         testing::Values(std::vector<int64_t>{64, 16, 28, 28},
                                         std::vector<int64_t>{32, 64, 7, 7}, std::vector<int64_t>{5, 3, 9, 8},
                                         std::vector<int64_t>{4, 1, 6, 5}, std::vector<int64_t>{70, 6, 1, 1},
                                         std::vector<int64_t>{2, 300, 3, 3}));

TEST(NormRelu, TakesEveryLayoutAndType) {
  torch::manual_seed(4);
  NormRelu norm("bn", 3, 1);
  const Tensor x = torch::randn({5, 3, 9, 8});
  const Tensor expected = norm(x.contiguous(kChannelsLast));
  EXPECT_LT((norm(x) - expected).abs().max().item<double>(), 1e-5);
  EXPECT_LT((norm(x.contiguous(kChannelsLast).slice(2, 0, 9, 2)) - norm(x.slice(2, 0, 9, 2)))
                .abs()
                .max()
                .item<double>(),
            1e-5);
  norm->to(torch::kDouble);
  EXPECT_LT((norm(x.to(torch::kDouble)) - expected).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace dsode::model
