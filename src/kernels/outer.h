// Sums over pixels of the products of two maps' channels, sums += d^T gy: the gradient of a product's
// weights; see simd.h.
#pragma once

#include "kernels/product.h"

namespace dsode::kernels {
namespace {

static_assert(kGroup % kSumRows == 0, "the channels of a tile lie together in a line");

// Of `steps` groups of kInputs<Value> pixels sums [kRows,kVectors kLanes], `pitch` floats a row: kRows
// channels that lie at d, kVectors vectors of channels that begin at gy[v]. The next group lies d_step and
// gy_step behind.
template <int kRows, int kVectors, class Value>
[[gnu::noinline]] void outer_tile(const Value* d, long d_step, const Value* const gy[kVectors], long gy_step,
                                  int steps, float* sums, long pitch) {
  Vec sum[kRows][kVectors];
  const float* from = sums;
#pragma GCC unroll 8
  for (int j = 0; j < kRows; ++j, from = held(from + pitch))
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sum[j][v] = load(from + v * kLanes);
  for (int step = 0; step < steps; ++step, d += d_step) {
    decltype(load_weights(d)) value[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) value[v] = load_weights(gy[v] + step * gy_step);
#pragma GCC unroll 8
    for (int j = 0; j < kRows; ++j) {
      const auto factor = broadcast(d + j * kInputs<Value>);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[j][v] = fma(factor, value[v], sum[j][v]);
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < kRows; ++j, sums = held(sums + pitch))
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) store(sums + v * kLanes, sum[j][v]);
}

}  // namespace
}  // namespace dsode::kernels
