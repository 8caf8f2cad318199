// Tiles of x86's AMX, for the files that are compiled for it: eight registers of 16 rows of 64 bytes, which
// one instruction multiplies, 16x16 sums at once.
#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

namespace dsode::kernels {
namespace {

constexpr int kTileRows = 16, kTileBytes = 64;

// While it lives, this thread's tiles are there, all of them whole.
class Tiles {
 public:
  Tiles() {
    struct alignas(64) {
      unsigned char palette, start_row, reserved[14];
      unsigned short row_bytes[16];
      unsigned char rows[16];
    } config;
    static_assert(sizeof config == 64);
    memset(&config, 0, sizeof config);
    config.palette = 1;
    for (int tile = 0; tile < 8; ++tile) {
      config.row_bytes[tile] = kTileBytes;
      config.rows[tile] = kTileRows;
    }
    asm volatile("" : : "m"(config));  // GCC 12 believes that only 8 bytes of it are read
    _tile_loadconfig(&config);
  }
  ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

constexpr int kBlockPixels = 2 * kTileRows, kBlockOutputs = 2 * kTileRows;
constexpr int kBandPixels = 2 * kBlockPixels;  // each weight that is loaded serves as many

// Whole tiles' rows of operands, of `values` to a row's bytes.
inline int tile_pitch(int in, int values) { return (in + values - 1) / values * values; }
inline int band_rows(int width) { return width < kBandPixels ? kBandPixels / width : 1; }

// One side of a product of tiles, in bytes: 16 rows of a tile are `row` apart, the tile beside it begins
// `next` behind, that of the next inputs, as many as 64 bytes hold, `step`.
struct TileOperand {
  const void* at;
  long row, next, step;
};

// Where up to four tiles of sums go: floats for products of bf16, int32_t for those of u8 and s8.
template <class Sum>
struct TileSums {
  Sum* at;
  long row, right, below;  // sums from a row to the next, to the tile beside, to the one below
  bool add;                // to what is there
};

// Of kDown tiles of `a` and kAcross of `b`, over `steps` steps.
template <int kDown, int kAcross, class Sum>
inline void tile_sums(TileOperand a, TileOperand b, int steps, const TileSums<Sum>& sums) {
  constexpr bool kRight = kAcross > 1, kBelow = kDown > 1, kCorner = kRight && kBelow;
  constexpr bool kBytes = __is_same(Sum, int32_t);
  const long row = sums.row * (long)sizeof(Sum);
  Sum *right = sums.at + sums.right, *below = sums.at + sums.below, *corner = below + sums.right;
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
  auto *at_a = (const char*)a.at, *at_b = (const char*)b.at;
  for (; steps > 0; --steps, at_a += a.step, at_b += b.step) {
    _tile_loadd(4, at_a, a.row);
    if constexpr (kBelow) _tile_loadd(5, at_a + a.next, a.row);
    _tile_loadd(6, at_b, b.row);
    if constexpr (kRight) _tile_loadd(7, at_b + b.next, b.row);
    if constexpr (kBytes) {
      _tile_dpbusd(0, 4, 6);
      if constexpr (kRight) _tile_dpbusd(1, 4, 7);
      if constexpr (kBelow) _tile_dpbusd(2, 5, 6);
      if constexpr (kCorner) _tile_dpbusd(3, 5, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (kRight) _tile_dpbf16ps(1, 4, 7);
      if constexpr (kBelow) _tile_dpbf16ps(2, 5, 6);
      if constexpr (kCorner) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, sums.at, row);
  if constexpr (kRight) _tile_stored(1, right, row);
  if constexpr (kBelow) _tile_stored(2, below, row);
  if constexpr (kCorner) _tile_stored(3, corner, row);
}

template <class Sum>
inline void tile_sums(bool below, bool right, const TileOperand& a, const TileOperand& b, int steps,
                      const TileSums<Sum>& sums) {
  if (below)
    right ? tile_sums<2, 2>(a, b, steps, sums) : tile_sums<2, 1>(a, b, steps, sums);
  else
    right ? tile_sums<1, 2>(a, b, steps, sums) : tile_sums<1, 1>(a, b, steps, sums);
}

// Of packed weights the blocks at `weight`, `pitch` bytes an output.
inline TileOperand packed_blocks(const void* weight, long pitch) {
  return {weight, kTileBytes, kTileRows * pitch, kTileRows * kTileBytes};
}

// The sums of up to 32 pixels of a line of operands, of `pitch` bytes a pixel, and 32 outputs or 16, of which
// `weight` are the packed blocks.
template <class Sum>
inline void block_sums(const void* line, const void* weight, long pitch, int pixels, int outputs,
                       const TileSums<Sum>& sums) {
  tile_sums(pixels > kTileRows, outputs > kTileRows, {line, pitch, kTileRows * pitch, kTileBytes},
            packed_blocks(weight, pitch), (int)(pitch / kTileBytes), sums);
}

// A block of sums of its own, [32,32].
template <class Sum>
struct alignas(kTileBytes) Block {
  Sum at[kBlockPixels * kBlockOutputs];
  TileSums<Sum> sums() { return {at, kBlockOutputs, kTileRows, kTileRows * kBlockOutputs, false}; }
};

// Calls make(p, k, sums), then finish(p, k, sums), for the blocks of pixels from p and outputs from k on; the
// tiles of one are under way while the one before is finished.
template <class Sum, class Make, class Finish>
inline void for_each_block(int pixels, int outputs, const Make& make, const Finish& finish) {
  Block<Sum> blocks[2];
  int at = 0, before_p = -1, before_k = 0;
  for (int k = 0; k < outputs; k += kBlockOutputs)
    for (int p = 0; p < pixels; p += kBlockPixels) {
      make(p, k, blocks[at].sums());
      if (before_p >= 0) finish(before_p, before_k, blocks[1 - at].at);
      before_p = p;
      before_k = k;
      at = 1 - at;
    }
  finish(before_p, before_k, blocks[1 - at].at);
}

inline int least(int a, int b) { return a < b ? a : b; }

}  // namespace
}  // namespace dsode::kernels
