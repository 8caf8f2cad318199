// One row of pixels times a matrix, for the instruction set that the including file is compiled for; see
// simd.h.
#pragma once

#include "kernels/simd.h"

namespace dsode::kernels {
namespace {

constexpr int kBlock = 2 * kLanes;  // output channels that lie together in packed weights

// r = line weight + bias + base; y = r or, where `relu`, max(0, r).
struct Product {
  int width, in, out;   // line [width,in], y [width,out]; out a multiple of 16
  const float* weight;  // pack_product()
  const float* bias;    // [3,out]: of the leftmost pixel, those between, the rightmost
  bool relu;
  const float* base;  // [width,out], y itself perhaps, or none
};

// Pixels [x, x + kPixels), kVectors vectors of output channels from `k` on: the sums stay in registers.
template <int kPixels, int kVectors>
inline void product_tile(const Product& op, const float* line, const float* weight, int x, int k, float* y) {
  Vec sum[kPixels][kVectors];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    const int place = x + p == 0 ? 0 : x + p + 1 < op.width ? 1 : 2;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      sum[p][v] = load(op.bias + place * op.out + k + v * kLanes);
      if (op.base) sum[p][v] = add(sum[p][v], load(op.base + (x + p) * op.out + k + v * kLanes));
    }
  }
  const float* a = line + x * op.in;
  for (int c = 0; c < op.in; ++c, weight += kVectors * kLanes) {
    Vec w[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) w[v] = load(weight + v * kLanes);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      const Vec value = broadcast(a[p * op.in + c]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[p][v] = fma(value, w[v], sum[p][v]);
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v)
      store(y + (x + p) * op.out + k + v * kLanes, op.relu ? relu(sum[p][v]) : sum[p][v]);
}

// The kPixels pixels or fewer that are left after whole tiles.
template <int kPixels, int kVectors>
inline void product_rest(const Product& op, const float* line, const float* weight, int x, int k, float* y) {
  if constexpr (kPixels > 0) {
    if (op.width - x == kPixels)
      product_tile<kPixels, kVectors>(op, line, weight, x, k, y);
    else
      product_rest<kPixels - 1, kVectors>(op, line, weight, x, k, y);
  }
}

template <int kVectors>
inline void product_block(const Product& op, const float* line, int k, float* y) {
  const float* weight = op.weight + k * op.in;
  int x = 0;
  for (; x + kTilePixels <= op.width; x += kTilePixels)
    product_tile<kTilePixels, kVectors>(op, line, weight, x, k, y);
  product_rest<kTilePixels - 1, kVectors>(op, line, weight, x, k, y);
}

inline void product(const Product& op, const float* line, float* y) {
  int k = 0;
  for (; k + kBlock <= op.out; k += kBlock) product_block<2>(op, line, k, y);
  if (k < op.out) product_block<1>(op, line, k, y);
}

// Where the biases of row i of n begin, [9,out] by the border class of ir/graph.h.
inline const float* bias_of_row(const float* bias, int i, int n, int out) {
  return bias + (i == 0 ? 0 : i + 1 < n ? 3 : 6) * out;
}

}  // namespace
}  // namespace dsode::kernels
