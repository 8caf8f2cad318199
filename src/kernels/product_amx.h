// Rows of pixels times a matrix of bf16 on the tiles of AMX.
#pragma once

#include "kernels/amx.h"
#include "kernels/product.h"

namespace dsode::kernels {
namespace {

constexpr int kTileDepth = kTileBytes / (int)sizeof(Bf16);  // inputs of a step

// Rows [begin, end) of a map, y = line weight + bias + base, and ReLU.
struct TileRows {
  int height, width, begin, end, pitch, out;  // line [end-begin,width,pitch], y [end-begin,width,out]
  const Bf16* weight;                         // pack_product()
  const float* bias;                          // [9,out], by border class
  bool relu;
  const float* base;  // as y: y itself perhaps, or none
};

// Of the band's pixels [p, end), outputs from `k` on: what follows their sums.
template <int kVectors>
inline void finish(const TileRows& op, int p, int end, int k, const float* sums, float* y) {
  int i = op.begin + p / op.width, x = p % op.width;
  const float* bias = bias_of_row(op.bias, i, op.height, op.out) + k;
  for (; p < end; ++p, sums += kBlockOutputs) {
    const int at = p * op.out + k, place = (x == 0 ? 0 : x + 1 < op.width ? 1 : 2) * op.out;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors * kLanes; v += kLanes) {
      Vec sum = add(load(sums + v), load(bias + place + v));
      if (op.base) sum = add(sum, load(op.base + at + v));
      store(y + at + v, op.relu ? relu(sum) : sum);
    }
    if (++x == op.width) {
      x = 0;
      bias = bias_of_row(op.bias, ++i, op.height, op.out) + k;
    }
  }
}

inline void product(const TileRows& op, const Bf16* line, float* y) {
  const int pixels = (op.end - op.begin) * op.width;
  const auto make = [&](int p, int k, const TileSums<float>& sums) {
    block_sums(line + p * op.pitch, op.weight + k * op.pitch, op.pitch * (long)sizeof(Bf16),
               least(pixels - p, kBlockPixels), least(op.out - k, kBlockOutputs), sums);
  };
  for_each_block<float>(pixels, op.out, make, [&](int p, int k, const float* sums) {
    const int end = p + least(pixels - p, kBlockPixels);
    op.out - k > kTileRows ? finish<2>(op, p, end, k, sums, y) : finish<1>(op, p, end, k, sums, y);
  });
}

}  // namespace
}  // namespace dsode::kernels
