// The kernel of separable.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/product.h"
#include "kernels/separable/separable_isa.h"

namespace dsode::kernels {
namespace {

// out = max(0, scale x + shift) of one row; `out` begins at its first pixel.
inline void activate(const Separable& op, const float* x, float* out) {
  const int row = op.width * op.in;
  if (!op.scale) {
    for (int i = 0; i < row; i += kLanes) store(out + i, load(x + i));
    return;
  }
  for (int c = 0; c < op.in; c += kLanes) {
    const Vec scale = load(op.scale + c), shift = load(op.shift + c);
    for (int i = c; i < row; i += op.in) store(out + i, relu(fma(load(x + i), scale, shift)));
  }
}

// kOut neighbouring sums of a vector of channels, from x0 on: a value that is read serves up to three of
// them.
template <int kOut>
inline void depthwise_tile(const Separable& op, const float* const rows[3], const Vec weight[9], int x0,
                           float* out) {
  Vec sum[kOut];
#pragma GCC unroll 4
  for (int o = 0; o < kOut; ++o) sum[o] = zero();
#pragma GCC unroll 3
  for (int ky = 0; ky < 3; ++ky)
#pragma GCC unroll 6
    for (int x = 0; x < kOut + 2; ++x) {
      const Vec value = load(rows[ky] + (x0 + x) * op.in);
#pragma GCC unroll 3
      for (int kx = 0; kx < 3; ++kx)
        if (x - kx >= 0 && x - kx < kOut) sum[x - kx] = fma(value, weight[3 * ky + kx], sum[x - kx]);
    }
#pragma GCC unroll 4
  for (int o = 0; o < kOut; ++o) store(out + o * op.in, sum[o]);
}

// The depthwise sums of one row from the rows around it, each with a pixel of zeros on both sides.
inline void depthwise(const Separable& op, const float* const rows[3], int width, float* out) {
  for (int c = 0; c < op.in; c += kLanes) {
    Vec weight[9];
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) weight[tap] = load(op.depthwise + tap * op.in + c);
    const float* at[3] = {rows[0] + c, rows[1] + c, rows[2] + c};
    int x = 0;
    if (op.stride == 1)
      for (; x + 4 <= width; x += 4) depthwise_tile<4>(op, at, weight, x, out + x * op.in + c);
    for (; x < width; ++x) depthwise_tile<1>(op, at, weight, x * op.stride, out + x * op.in + c);
  }
}

void separable(const Separable& op, const float* x, float* y, float* scratch) noexcept {
  const int row = op.width * op.in, pitch = row + 2 * op.in;
  const int height = (op.height + op.stride - 1) / op.stride, width = (op.width + op.stride - 1) / op.stride;
  float *nothing = scratch + 3 * pitch, *line = nothing + pitch;
  for (int i = 0; i < 4 * pitch; i += pitch)
    for (int c = 0; c < op.in; c += kLanes) {
      store(scratch + i + c, zero());
      store(scratch + i + pitch - op.in + c, zero());
    }
  for (int i = 0; i < pitch; i += kLanes) store(nothing + i, zero());

  const auto at = [&](int i) { return i < 0 || i >= op.height ? nothing : scratch + i % 3 * pitch; };
  int ready = op.begin * op.stride - 1;  // rows before it are in the ring, were, or are of no use
  if (ready < 0) ready = 0;
  for (int i = op.begin; i < op.end; ++i) {
    const int centre = i * op.stride;
    for (; ready <= centre + 1 && ready < op.height; ++ready)
      activate(op, x + ready * row, at(ready) + op.in);
    const float* rows[3] = {at(centre - 1), at(centre), at(centre + 1)};
    depthwise(op, rows, width, line);
    const int at = i * width * op.out;
    product({width, op.in, op.out, op.pointwise, bias_of_row(op.bias, i, height, op.out), op.relu,
             op.base ? op.base + at : nullptr},
            line, y + at);
  }
}

}  // namespace
}  // namespace dsode::kernels
