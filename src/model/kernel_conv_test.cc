#include "model/kernel_conv.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/conv.h"

namespace dsode::model {
namespace {

using torch::Tensor;

struct Case {
  int in, out, height, width, stride = 2, images = 19;
  bool bias = false;
};

double relative_error(const Tensor& a, const Tensor& b) {
  return ((a.to(torch::kFloat64) - b).norm() / b.norm()).item<double>();
}

// Output and gradients of a module over x, which is differentiated too where `by_x`.
template <class Module>
std::vector<Tensor> answers(Module module, const Tensor& x, const Tensor& seed, bool by_x) {
  const Tensor start = x.detach().clone().requires_grad_(by_x);
  const Tensor out = module->forward(start);
  out.backward(seed);
  std::vector<Tensor> all{out.detach()};
  if (by_x) all.push_back(start.grad());
  for (const Tensor& p : module->parameters()) all.push_back(p.grad());
  return all;
}

Tensor draw(at::IntArrayRef shape) { return torch::randn(shape).contiguous(at::MemoryFormat::ChannelsLast); }

// Of the module that `make` makes with the same weights each time: on the kernels, and by libtorch in
// doubles.
template <class Make>
void expect_doubles(const Make& make, const Tensor& x, int stride, int out, bool by_x, double bound = 1e-5,
                    Kernels kernels = Kernels::kOn) {
  const Tensor seed =
      draw({x.size(0), out, (x.size(2) + stride - 1) / stride, (x.size(3) + stride - 1) / stride});
  auto ours = make(), exact = make();
  ours->set_kernels(kernels);
  exact->to(torch::kFloat64);
  const auto mine = answers(ours, x, seed, by_x);
  const auto wanted = answers(exact, x.to(torch::kFloat64), seed.to(torch::kFloat64), by_x);
  ASSERT_EQ(mine.size(), wanted.size());
  for (size_t i = 0; i < mine.size(); ++i) {
    EXPECT_LT(relative_error(mine[i], wanted[i]), bound) << "tensor " << i;
    EXPECT_EQ(mine[i].sizes(), wanted[i].sizes());
  }
}

TEST(KernelConv, SeparableHasTheGradientOfDoubles) {
  for (const Case& c : {Case{16, 32, 6, 8}, Case{48, 16, 7, 5, 2, 3, true}, Case{32, 32, 1, 1},
                        Case{16, 64, 9, 70, 1, 2, true}, Case{64, 128, 32, 32, 2, 2}}) {
    SCOPED_TRACE(fmt::format("{} to {}, {}x{} / {}", c.in, c.out, c.height, c.width, c.stride));
    const auto make = [&] {
      torch::manual_seed(5);
      Conv3x3 conv(
          Conv3x3Options{.in = c.in, .out = c.out, .stride = c.stride, .separable = true, .bias = c.bias});
      torch::NoGradGuard no_grad;
      for (Tensor& p : conv->parameters()) p.add_(0.1 * torch::randn_like(p));
      return conv;
    };
    const Tensor x = draw({c.images, c.in, c.height, c.width});
    ASSERT_TRUE(covers_separable(x, make()->pointwise()));
    expect_doubles(make, x, c.stride, c.out, true);
    expect_doubles(make, x, c.stride, c.out, true, 2e-2, Kernels::kBf16);
  }
}

TEST(KernelConv, StemHasTheGradientOfDoubles) {
  for (const Case& c : {Case{1, 16, 28, 28, 1}, Case{3, 64, 9, 11, 1, 5, true}, Case{3, 48, 19, 21, 2, 2}}) {
    SCOPED_TRACE(fmt::format("{} to {}, {}x{} / {}", c.in, c.out, c.height, c.width, c.stride));
    const int size = c.stride == 2 ? 7 : 3;
    const auto make = [&] {
      torch::manual_seed(5);
      StemConv conv(
          torch::nn::Conv2dOptions(c.in, c.out, size).stride(c.stride).padding(size / 2).bias(c.bias));
      return conv;
    };
    const Tensor x = draw({c.images, c.in, c.height, c.width});
    ASSERT_TRUE(covers_dense(x, make()->weight));
    expect_doubles(make, x, c.stride, c.out, false);
  }
}

TEST(KernelConv, LeavesToLibtorchWhatItDoesNotCover) {
  const Tensor x = draw({2, 16, 4, 4});
  EXPECT_FALSE(covers_separable(x, torch::zeros({24, 16, 1, 1})));
  EXPECT_FALSE(covers_separable(x.to(torch::kFloat64), torch::zeros({16, 16, 1, 1})));
  EXPECT_FALSE(covers_dense(x, torch::zeros({24, 16, 3, 3})));
  EXPECT_FALSE(covers_dense(x.detach().requires_grad_(), torch::zeros({16, 16, 3, 3})));
  StemConv conv(torch::nn::Conv2dOptions(16, 16, 3).padding(1));
  const Tensor image = x.detach().requires_grad_();
  conv->forward(image).sum().backward();
  EXPECT_TRUE(image.grad().defined());
}

}  // namespace
}  // namespace dsode::model
