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

// One side of a product of tiles: 16 rows of `row` bytes from one to the next make a tile, the tile beside it
// begins `next` values behind, that of the next 32 inputs `step`.
struct TileOperand {
  const Bf16* at;
  long row, next, step;
};

struct TileSums {
  float* at;   // [32,pitch]
  long pitch;  // floats
  bool add;    // to what is there
};

// Of kDown tiles of `a` and kAcross of `b`, over `steps` steps.
template <int kDown, int kAcross>
inline void tile_sums(TileOperand a, TileOperand b, int steps, const TileSums& sums) {
  constexpr bool kRight = kAcross > 1, kBelow = kDown > 1, kCorner = kRight && kBelow;
  const long row = sums.pitch * (long)sizeof(float);
  float *right = sums.at + kTileRows, *below = sums.at + kTileRows * sums.pitch, *corner = below + kTileRows;
  if (sums.add) {
    _tile_loadd(0, sums.at, row);
    if constexpr (kRight) _tile_loadd(1, right, row);
    if constexpr (kBelow) _tile_loadd(2, below, row);
    if constexpr (kCorner) _tile_loadd(3, corner, row);
  } else {
    _tile_zero(0);
    if constexpr (kRight) _tile_zero(1);
    if constexpr (kBelow) _tile_zero(2);
    if constexpr (kCorner) _tile_zero(3);
  }
  for (; steps > 0; --steps, a.at += a.step, b.at += b.step) {
    _tile_loadd(4, a.at, a.row);
    if constexpr (kBelow) _tile_loadd(5, a.at + a.next, a.row);
    _tile_loadd(6, b.at, b.row);
    if constexpr (kRight) _tile_loadd(7, b.at + b.next, b.row);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kRight) _tile_dpbf16ps(1, 4, 7);
    if constexpr (kBelow) _tile_dpbf16ps(2, 5, 6);
    if constexpr (kCorner) _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums.at, row);
  if constexpr (kRight) _tile_stored(1, right, row);
  if constexpr (kBelow) _tile_stored(2, below, row);
  if constexpr (kCorner) _tile_stored(3, corner, row);
}

inline void tile_sums(bool down, bool across, const TileOperand& a, const TileOperand& b, int steps,
                      const TileSums& sums) {
  (down     ? across ? tile_sums<2, 2> : tile_sums<2, 1>
       : across ? tile_sums<1, 2>
            : tile_sums<1, 1>)(a, b, steps, sums);
}

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
  alignas(kTileBytes) float sums[kBlockPixels * kBlockOutputs];
  const int pixels = (op.end - op.begin) * op.width;
  for (int p = 0; p < pixels; p += kBlockPixels) {
    const int left = pixels - p, n = left < kBlockPixels ? left : kBlockPixels;
    tile_sums(n > kTileRows, kAcross > 1,
              {line + p * op.pitch, op.pitch * (long)sizeof(Bf16), kTileRows * op.pitch, kTileDepth},
              {op.weight + k * op.pitch, kTileBytes, kTileRows * op.pitch, kTileRows * kTileDepth},
              op.pitch / kTileDepth, {sums, kBlockOutputs, false});
    finish<kAcross>(op, p, p + n, k, sums, y);
  }
}

inline void product(const TileRows& op, const Bf16* line, float* y) {
  int k = 0;
  for (; k + kBlockOutputs <= op.out; k += kBlockOutputs) product_block<2>(op, line, k, y);
  if (k < op.out) product_block<1>(op, line, k, y);
}

}  // namespace
}  // namespace dsode::kernels
