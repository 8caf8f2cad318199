#include "model/kernel_block.h"

#include <gtest/gtest.h>

namespace dsode::model {
namespace {

using torch::Tensor;

struct Case {
  const char *norm = "bn-per-step", *time = "none";
  int width = 16, height = 6, columns = 7;
  bool training = true;
  Gradient gradient = Gradient::kCheckpoint;
};

constexpr Case kCases[] = {
    {},
    {.gradient = Gradient::kFull},
    {.norm = "bn", .time = "concat", .width = 32},
    {.norm = "none", .time = "concat", .height = 2, .columns = 2},
    {.norm = "none", .width = 48},
    {.time = "concat", .height = 9, .columns = 3},
    {.training = false},
    {.norm = "bn", .width = 64, .height = 1, .columns = 1, .training = false},
};

OdeBlock make_block(const Case& c) {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{c.width};
  overrides.norm = c.norm;
  overrides.time = c.time;
  overrides.steps = 4;
  torch::manual_seed(3);
  OdeBlock block(ir::make_spec("dsodenet-t", overrides), 0);
  torch::NoGradGuard no_grad;
  for (Tensor& p : block->parameters()) p.add_(0.1 * torch::randn_like(p));
  for (auto& buffer : block->named_buffers()) buffer.value().add_(0.2 * torch::rand_like(buffer.value()));
  block->set_gradient(c.gradient);
  block->train(c.training);
  return block;
}

// What a block makes of z: its output, the gradients by z and its parameters, and its buffers.
std::vector<Tensor> answers(OdeBlock& block, const Tensor& z, const Tensor& seed) {
  const Tensor start = z.detach().clone().requires_grad_();
  const Tensor out = block(start);
  out.backward(seed);
  std::vector<Tensor> all{out.detach(), start.grad()};
  for (const Tensor& p : block->parameters()) all.push_back(p.grad());
  for (const Tensor& b : block->buffers()) all.push_back(b);
  return all;
}

double relative_error(const Tensor& a, const Tensor& b) {
  return ((a.to(torch::kFloat64) - b).norm() / b.norm()).item<double>();
}

TEST(KernelBlock, HasTheGradientOfDoubles) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(fmt::format("{} {} {} {}x{} {}", c.norm, c.time, c.width, c.height, c.columns, c.training));
    torch::manual_seed(7);
    const Tensor z =
        torch::randn({19, c.width, c.height, c.columns}).contiguous(at::MemoryFormat::ChannelsLast);
    const Tensor seed = torch::randn_like(z);
    OdeBlock ours = make_block(c), exact = make_block(c);
    ASSERT_EQ(kernels_refuse(*ours, z), "");
    exact->to(torch::kFloat64);
    const auto mine = answers(ours, z, seed);
    const auto wanted = answers(exact, z.to(torch::kFloat64), seed.to(torch::kFloat64));
    ASSERT_EQ(mine.size(), wanted.size());
    for (size_t i = 0; i < mine.size(); ++i)
      EXPECT_LT(relative_error(mine[i], wanted[i]), 1e-5) << "tensor " << i;
  }
}

TEST(KernelBlock, InBf16IsNearDoubles) {
  for (const Case& c : {Case{}, Case{.norm = "bn", .time = "concat", .width = 32}}) {
    torch::manual_seed(7);
    const Tensor z =
        torch::randn({19, c.width, c.height, c.columns}).contiguous(at::MemoryFormat::ChannelsLast);
    const Tensor seed = torch::randn_like(z);
    OdeBlock ours = make_block(c), exact = make_block(c);
    ours->set_kernels(Kernels::kBf16);
    exact->to(torch::kFloat64);
    const auto mine = answers(ours, z, seed);
    const auto wanted = answers(exact, z.to(torch::kFloat64), seed.to(torch::kFloat64));
    for (size_t i = 0; i < mine.size(); ++i)
      EXPECT_LT(relative_error(mine[i], wanted[i]), 0.1) << "tensor " << i;  // kinks of ReLU that move
    EXPECT_GT(relative_error(mine[0], wanted[0]), 1e-5) << "nothing was rounded";
  }
}

TEST(KernelBlock, GivesTheSameWithoutAGradient) {
  for (const bool training : {true, false}) {
    OdeBlock block = make_block({.time = "concat", .training = training}),
             again = make_block({.time = "concat", .training = training});
    const Tensor z = torch::randn({5, 16, 6, 7}).contiguous(at::MemoryFormat::ChannelsLast),
                 before = z.clone();
    const Tensor kept = block(z);
    torch::NoGradGuard no_grad;
    EXPECT_TRUE(torch::equal(again(z), kept));
    EXPECT_TRUE(torch::equal(z, before));
    for (size_t i = 0; i < block->buffers().size(); ++i)
      EXPECT_TRUE(torch::equal(block->buffers()[i], again->buffers()[i]));
  }
}

TEST(KernelBlock, DoesNotDependOnTheNumberOfThreads) {
  const Tensor z = torch::randn({37, 16, 6, 7}).contiguous(at::MemoryFormat::ChannelsLast);
  const int threads = torch::get_num_threads();
  std::vector<std::vector<Tensor>> all;
  for (const int count : {1, 3}) {
    torch::set_num_threads(count);
    OdeBlock block = make_block({});
    all.push_back(answers(block, z, torch::ones_like(z)));
  }
  torch::set_num_threads(threads);
  for (size_t i = 0; i < all[0].size(); ++i)
    EXPECT_TRUE(torch::equal(all[0][i], all[1][i])) << "tensor " << i;
}

TEST(KernelBlock, SaysWhatItDoesNotCover) {
  const auto refusal = [&](const std::string& model = "dsodenet-t", const std::string& norm = "bn",
                           const std::string& solver = "euler", int width = 16) {
    ir::ModelOverrides overrides;
    overrides.norm = norm;
    overrides.solver = solver;
    overrides.widths = std::vector{width};
    OdeBlock block(ir::make_spec(model, overrides), 0);
    return kernels_refuse(*block, torch::zeros({2, width, 4, 4}));
  };
  EXPECT_EQ(refusal(), "");
  EXPECT_EQ(refusal("odenet-t"), "dense convolutions");
  EXPECT_EQ(refusal("dsodenet-t", "gn"), "group norm");
  EXPECT_EQ(refusal("dsodenet-t", "bn", "midpoint"), "any solver but Euler's with fixed steps");
  EXPECT_EQ(refusal("dsodenet-t", "bn", "euler", 24), "24 channels");
}

}  // namespace
}  // namespace dsode::model
