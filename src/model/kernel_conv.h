// Convolutions of a batch on this project's kernels instead of libtorch's, forward and backward.
#pragma once

#include <torch/torch.h>

#include <span>
#include <vector>

#include "kernels/cpu.h"
#include "kernels/separable_gradient/separable_gradient.h"

namespace dsode::model {

// conv2d(conv2d(x, depthwise, stride), pointwise, bias) with zero padding 1: x [N,C,H,W], depthwise
// [C,1,3,3], pointwise [K,C,1,1], bias [K] or undefined. With kBf16 the operands of the pointwise products
// are rounded.
torch::Tensor separable_conv(const torch::Tensor& x, const torch::Tensor& depthwise,
                             const torch::Tensor& pointwise, const torch::Tensor& bias, int64_t stride,
                             kernels::Precision precision);
// Whether the kernels cover that: floats on the CPU, C and K multiples of 16.
bool covers_separable(const torch::Tensor& x, const torch::Tensor& pointwise);

// conv2d(x, weight, bias, stride) with zero padding size / 2: weight [K,C,size,size]. It has no gradient by
// x.
torch::Tensor dense_conv(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                         int64_t stride);
// Whether the kernels cover that: floats on the CPU, K a multiple of 16, no gradient by x.
bool covers_dense(const torch::Tensor& x, const torch::Tensor& weight);

// For a whole ODE block, kernel_block.h, what is below.

std::span<const float> values_of(const torch::Tensor& t);
torch::Tensor tensor_of(const std::vector<double>& values, at::IntArrayRef shape);

// Maps [N,C,H,W], channels last, and the chunks that a batch of them is cut into: the same ones whatever
// number of threads there is, and so sums are the same too.
struct Maps {
  int64_t n, c, h, w;

  explicit Maps(const torch::Tensor& z) : n(z.size(0)), c(z.size(1)), h(z.size(2)), w(z.size(3)) {}
  int64_t chunks() const { return std::min<int64_t>(n, 16); }
  torch::Tensor make() const;
  float* image(const torch::Tensor& maps, int64_t i) const { return maps.data_ptr<float>() + i * c * h * w; }
  // Calls body(chunk, first image, image behind the last) for each chunk, in parallel().
  void each_chunk(const std::function<void(int64_t chunk, int64_t first, int64_t end)>& body) const;
};

// A separable convolution's weights as the kernels read them; `gain` is a factor of its result.
struct SeparableWeights {
  AlignedVector<float> depthwise;                  // [3,3,C]
  AlignedVector<std::byte> pointwise, transposed;  // [C,K] and its transpose, packed

  SeparableWeights(const torch::Tensor& depthwise, const torch::Tensor& pointwise, double gain,
                   kernels::Precision precision);
};

// The gradients' sums over one chunk of images, and the room its kernels need.
struct Chunk {
  AlignedVector<float> g, gx, depthwise, pointwise, bias, scratch;
  std::vector<double> total_g, total_gx;

  Chunk(const Maps& in, int64_t out, bool biased);
  kernels::SeparableSums sums();
  // After an image: its sums are short enough for floats.
  void count();
};

// Those over all chunks: [C], [C], [9,C], [C,K], [9,K] by border class.
struct Totals {
  std::vector<double> g, gx, depthwise, pointwise, bias;

  Totals(int64_t in, int64_t out);
  // Adds the chunks' sums, which begin again; `gain` is that of the weights.
  void take(std::vector<Chunk>& chunks, double gain);
  torch::Tensor depthwise_gradient() const;  // [C,1,3,3]
  torch::Tensor pointwise_gradient() const;  // [K,C,1,1]
};

}  // namespace dsode::model
