// Rows of pixels times a matrix of bf16 on the tiles of AMX.
#pragma once

#include "kernels/amx.h"
#include "kernels/product.h"

namespace dsode::kernels {
namespace {

constexpr int kTileDepth = kTileBytes / 2;  // inputs of a step
constexpr int kBlockPixels = 2 * kTileRows, kBlockOutputs = 2 * kTileRows;
constexpr int kBandPixels = 2 * kBlockPixels;  // each weight that is loaded serves as many

inline int tile_pitch(int in) { return (in + kTileDepth - 1) / kTileDepth * kTileDepth; }
inline int band_rows(int width) { return width < kBandPixels ? kBandPixels / width : 1; }

// Sums [kDown 16,kBlockOutputs], kAcross 16 of them made, of pixels from `a` on, [.,pitch], and the blocks of
// packed weights from `w` on.
template <int kDown, int kAcross>
inline void tile_sums(const Bf16* a, const Bf16* w, long pitch, float* sums) {
  const long next = kTileRows * pitch, row = pitch * (long)sizeof(Bf16);
  _tile_zero(0);
  if constexpr (kAcross > 1) _tile_zero(1);
  if constexpr (kDown > 1) _tile_zero(2);
  if constexpr (kDown > 1 && kAcross > 1) _tile_zero(3);
  for (long c = 0; c < pitch; c += kTileDepth, w += kTileRows * kTileDepth) {
    _tile_loadd(4, a + c, row);
    if constexpr (kDown > 1) _tile_loadd(5, a + next + c, row);
    _tile_loadd(6, w, kTileBytes);
    if constexpr (kAcross > 1) _tile_loadd(7, w + next, kTileBytes);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kAcross > 1) _tile_dpbf16ps(1, 4, 7);
    if constexpr (kDown > 1) _tile_dpbf16ps(2, 5, 6);
    if constexpr (kDown > 1 && kAcross > 1) _tile_dpbf16ps(3, 5, 7);
  }
  constexpr long kPitch = kBlockOutputs * sizeof(float);
  _tile_stored(0, sums, kPitch);
  if constexpr (kAcross > 1) _tile_stored(1, sums + kTileRows, kPitch);
  if constexpr (kDown > 1) _tile_stored(2, sums + kTileRows * kBlockOutputs, kPitch);
  if constexpr (kDown > 1 && kAcross > 1)
    _tile_stored(3, sums + kTileRows * kBlockOutputs + kTileRows, kPitch);
}

// Rows [begin, end) of a map, y = line weight + bias + base, and ReLU.
struct Band {
  int height, width, begin, end, pitch, out;  // line [end-begin,width,pitch], y [end-begin,width,out]
  const Bf16* weight;                         // pack_product()
  const float* bias;                          // [9,out], by border class
  bool relu;
  const float* base;  // as y: y itself perhaps, or none
};

// Of the band's pixels [p, end), outputs from `k` on: what follows their sums.
template <int kVectors>
inline void finish(const Band& op, int p, int end, int k, const float* sums, float* y) {
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
inline void product_block(const Band& op, const Bf16* line, int k, float* y) {
  alignas(kTileBytes) float sums[kBlockPixels * kBlockOutputs];
  const int pixels = (op.end - op.begin) * op.width;
  for (int p = 0; p < pixels; p += kBlockPixels) {
    const int left = pixels - p, n = left < kBlockPixels ? left : kBlockPixels;
    (n > kTileRows ? tile_sums<2, kAcross> : tile_sums<1, kAcross>)(line + p * op.pitch,
                                                                    op.weight + k * op.pitch, op.pitch, sums);
    finish<kAcross>(op, p, p + n, k, sums, y);
  }
}

inline void product(const Band& op, const Bf16* line, float* y) {
  int k = 0;
  for (; k + kBlockOutputs <= op.out; k += kBlockOutputs) product_block<2>(op, line, k, y);
  if (k < op.out) product_block<1>(op, line, k, y);
}

}  // namespace
}  // namespace dsode::kernels
