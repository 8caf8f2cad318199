// The kernel of dense.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/dense/dense_isa.h"
#include "kernels/outer.h"

namespace dsode::kernels {
namespace {

// The windows of row i of y: a line of size size in channels, zeros outside of the map. A window's row is one
// run of floats, of which those from `first` to `last` lie in the map.
inline void gather(const Dense& op, const float* x, int i, int width, float* line) {
  const int run = op.size * op.in, row = op.width * op.in, group = width * kGroup;
  const bool vectors = op.in % kGroup == 0;
  for (int ky = 0; ky < op.size; ++ky) {
    const int sy = i * op.stride + ky - op.size / 2;
    const bool inside = sy >= 0 && sy < op.height;
    for (int ox = 0; ox < width; ++ox) {
      const int start = (ox * op.stride - op.size / 2) * op.in;
      const int first = start < 0 ? -start : 0, most = row - start < run ? row - start : run;
      const int last = inside ? most : 0;
      const float* from = x + sy * row + start;
      const auto to = [&](int at) { return line + line_at(ox, ky * run + at, group); };
      int at = 0;
      for (; at < first; ++at) *to(at) = 0;
      if (vectors)
        for (; at + kLanes <= last; at += kLanes) store(to(at), load(from + at));
      for (; at < last; ++at) *to(at) = from[at];
      for (; at < run; ++at) *to(at) = 0;
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
