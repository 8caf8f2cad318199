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

template <int kAcross>
inline void product_block(const TileRows& op, const Bf16* line, int k, float* y) {
  Block<float> block;
  const int pixels = (op.end - op.begin) * op.width;
  for (int p = 0; p < pixels; p += kBlockPixels) {
    const int left = pixels - p, n = left < kBlockPixels ? left : kBlockPixels;
    block_sums(line + p * op.pitch, op.weight + k * op.pitch, op.pitch * (long)sizeof(Bf16), n,
               kAcross * kTileRows, block.sums());
    finish<kAcross>(op, p, p + n, k, block.at, y);
  }
}

inline void product(const TileRows& op, const Bf16* line, float* y) {
  int k = 0;
  for (; k + kBlockOutputs <= op.out; k += kBlockOutputs) product_block<2>(op, line, k, y);
  if (k < op.out) product_block<1>(op, line, k, y);
}

}  // namespace
}  // namespace dsode::kernels
