// Sums over 3x3 windows of a row of pixels; see simd.h.
#pragma once

#include "kernels/simd.h"

namespace dsode::kernels {
namespace {

// Calls put(x, sum) for kOut neighbouring sums from x0 on, of one vector of channels; rows[ky], [.,kLanes],
// begins with the pixel left of the map. A value that is read serves up to three sums.
template <int kOut, int kStride, class Put>
inline void window_sums(const float* const rows[3], const Vec weight[9], int x0, const Put& put) {
  Vec sum[kOut];
#pragma GCC unroll 8
  for (int o = 0; o < kOut; ++o) sum[o] = zero();
#pragma GCC unroll 3
  for (int ky = 0; ky < 3; ++ky)
#pragma GCC unroll 17
    for (int x = 0; x < (kOut - 1) * kStride + 3; ++x) {
      const Vec value = held(load(rows[ky] + (x0 * kStride + x) * kLanes));
#pragma GCC unroll 3
      for (int kx = 0; kx < 3; ++kx) {
        const int o = (x - kx) / kStride;
        if (x >= kx && (x - kx) % kStride == 0 && o < kOut) sum[o] = fma(value, weight[3 * ky + kx], sum[o]);
      }
    }
#pragma GCC unroll 8
  for (int o = 0; o < kOut; ++o) put(x0 + o, sum[o]);
}

}  // namespace
}  // namespace dsode::kernels
