// Batch normalisation followed by ReLU in one pass, forward and backward (Ioffe and Szegedy, arXiv
// 1502.03167).
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/parallel.h"

namespace dsode::kernels {

// A channels-last map [pixels, channels]; pixels = images * height * width.
struct Map {
  int64_t pixels, channels;
};

// y = max(0, (x - mean) * scale + bias) with a value a channel; scale = weight / sqrt(variance + epsilon).
struct NormRelu {
  const float *mean, *scale, *bias;
};

// Mean and biased variance of each channel. Corrected two-pass sums a chunk, chunks combined in double (Chan,
// Golub and LeVeque, 1983): as accurate where |mean| is far above the deviation.
struct Statistics {
  std::vector<double> mean, variance;
};
Statistics norm_relu_statistics(const float* x, Map map, const Parallel& parallel = serial);

// A NaN passes through, as it does in torch::relu.
void norm_relu_forward(const float* x, NormRelu op, float* y, Map map, const Parallel& parallel = serial);

// Sums over the pixels of each channel, with g = gy where y > 0, else 0. The mask is recomputed from x, which
// both backward passes read anyway. Gradient of the bias: g; of the weight: gx / sqrt(variance + epsilon).
struct GradientSums {
  std::vector<double> g, gx;  // sum of g, sum of g (x - mean)
};
GradientSums norm_relu_backward_reduce(const float* x, const float* gy, NormRelu op, Map map,
                                       const Parallel& parallel = serial);

// Gradient by x where the statistics are those of x itself:
// gx = scale (g - sums.g / P - (x - mean) inv_std^2 sums.gx / P), inv_std = 1 / sqrt(variance + epsilon).
void norm_relu_backward_apply(const float* x, const float* gy, NormRelu op, const float* inv_std,
                              const GradientSums& sums, float* gx, Map map,
                              const Parallel& parallel = serial);

}  // namespace dsode::kernels
