// A rival is a rival only if it computes the same function.
#include <gtest/gtest.h>

#include "bench/training/contestant.h"

namespace dsode::bench {
namespace {

using torch::Tensor;

double relative_error(const Tensor& a, const Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

using Case = std::tuple<std::string, std::string>;

class Agreement : public testing::TestWithParam<Case> {};

TEST_P(Agreement, SameWeightsGiveTheSameLogitsAndGradients) {
  const auto& [model, time] = GetParam();
  ir::ModelOverrides overrides;
  overrides.steps = 3;
  overrides.time = time;
  overrides.widths = std::vector{4, 6};
  overrides.input = std::vector{9, 8, 1};
  const ir::ModelSpec spec = ir::make_spec(model, overrides);
  torch::manual_seed(1);
  const auto ours = make_ours(spec, model::Gradient::kCheckpoint, model::Kernels::kOn);
  const auto plain = make_libtorch_plain(spec);
  const auto mine = ours->parameters(), theirs = plain->parameters();
  ASSERT_EQ(mine.size(), theirs.size());
  {
    torch::NoGradGuard no_grad;
    for (size_t i = 0; i < mine.size(); ++i) {
      ASSERT_EQ(mine[i].sizes(), theirs[i].sizes()) << "tensor " << i;
      theirs[i].copy_(mine[i]);
    }
  }
  const Tensor images = torch::randn({8, 1, 9, 8}), seed = torch::randn({8, 10});
  const Tensor a = ours->logits(ours->layout(images)), b = plain->logits(plain->layout(images));
  EXPECT_LT(relative_error(a, b), 1e-5);
  (a * seed).sum().backward();
  (b * seed).sum().backward();
  for (size_t i = 0; i < mine.size(); ++i)
    EXPECT_LT(relative_error(mine[i].grad(), theirs[i].grad()), 1e-3) << "tensor " << i;
}

INSTANTIATE_TEST_SUITE_P(Models, Agreement,
                         testing::Combine(testing::Values("dsodenet-t", "odenet-t", "rodenet-t"),
                                          testing::Values("none", "concat")));

}  // namespace
}  // namespace dsode::bench
