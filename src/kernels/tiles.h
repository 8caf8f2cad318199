// A row of pixels in register tiles; see simd.h.
#pragma once

#include "kernels/simd.h"

namespace dsode::kernels {
namespace {

template <int kPixels, class Tile>
inline void last_tile(int x, int width, const Tile& tile) {
  if constexpr (kPixels > 0) {
    if (width - x == kPixels)
      tile.template operator()<kPixels>(x);
    else
      last_tile<kPixels - 1>(x, width, tile);
  }
}

// Calls tile<n>(x) for each n = kPixels pixels of a row from x on, and for the n < kPixels that are left.
template <int kPixels = kTilePixels, class Tile>
inline void for_each_tile(int width, const Tile& tile) {
  int x = 0;
  for (; x + kPixels <= width; x += kPixels) tile.template operator()<kPixels>(x);
  last_tile<kPixels - 1>(x, width, tile);
}

// The same in as few tiles, as equal as they can be: where one of few pixels would wait for its own sums.
template <int kPixels, class Tile>
inline void for_each_even_tile(int width, const Tile& tile) {
  const int tiles = (width + kPixels - 1) / kPixels, least = width / tiles, larger = width % tiles;
  for (int i = 0, x = 0; i < tiles; ++i) {
    const int end = x + least + (i < larger ? 1 : 0);
    last_tile<kPixels>(x, end, tile);
    x = end;
  }
}

}  // namespace
}  // namespace dsode::kernels
