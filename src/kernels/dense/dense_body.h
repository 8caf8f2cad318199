// The kernel of dense.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/dense/dense_isa.h"
#include "kernels/outer.h"

namespace dsode::kernels {
namespace {

// The windows of row i of y: a line of size size in channels, zeros outside of the map. Of one place in the
// window after another, one or kLanes channels of all pixels.
inline void gather(const Dense& op, const float* x, int i, int width, float* line) {
  const int pitch = op.stride * op.in, some = op.in % kGroup == 0 ? kLanes : 1;
  for (int place = 0; place < op.size * op.size; ++place) {
    const int sy = i * op.stride + place / op.size - op.size / 2, left = place % op.size - op.size / 2;
    const unsigned columns = sy < 0 || sy >= op.height ? 0 : (unsigned)op.width;  // that lie in the map
    for (int c = 0; c < op.in; c += some) {
      const long from = (long)(sy * op.width + left) * op.in + c;
      float* to = line + line_at(0, place * op.in + c, width * kGroup);
      for (int ox = 0; ox < width; ++ox, to += kGroup) {
        const bool there = (unsigned)(ox * op.stride + left) < columns;
        if (some == 1)
          *to = there ? x[from + ox * pitch] : 0;
        else
          store(to, there ? load(x + from + ox * pitch) : zero());
      }
    }
  }
}

void dense(const Dense& op, const float* x, float* y, float* scratch) noexcept {
  const int height = (op.height + op.stride - 1) / op.stride, width = (op.width + op.stride - 1) / op.stride;
  for (int i = op.begin; i < op.end; ++i) {
    gather(op, x, i, width, scratch);
    const int at = i * width * op.out;
    product({width, op.size * op.size * op.in, op.out, op.weight,
             op.bias ? bias_of_row(op.bias, i, height, op.out) : nullptr, op.relu,
             op.base ? op.base + at : nullptr},
            scratch, y + at);
  }
}

void dense_gradient(const Dense& op, const float* x, const float* gy, const DenseSums& sums,
                    float* scratch) noexcept {
  const int width = (op.width + op.stride - 1) / op.stride, taps = op.size * op.size * op.in;
  for (int i = op.begin; i < op.end; ++i) {
    gather(op, x, i, width, scratch);
    const float* row = gy + (long)i * width * op.out;
    for_each_vectors(op.out, [&]<int kVectors>(int k) {
      const float* values[kVectors];
      for (int v = 0; v < kVectors; ++v) values[v] = row + k + v * kLanes;
      for_each_tile<kSumRows>(taps, [&]<int kRows>(int c) {
        outer_tile<kRows, kVectors>(scratch + line_at(0, c, width * kGroup), kGroup, values, op.out, width,
                                    sums.weight + c * op.out + k, op.out);
      });
    });
    if (!sums.bias) continue;
    for (int k = 0; k < op.out; k += kLanes) {
      Vec sum = load(sums.bias + k);
      for (int p = 0; p < width; ++p) sum = add(sum, load(row + p * op.out + k));
      store(sums.bias + k, sum);
    }
  }
}

}  // namespace
}  // namespace dsode::kernels
