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

// Calls tile<n>(x) for each n = kTilePixels pixels of a row from x on, and for the n < kTilePixels that are
// left.
template <class Tile>
inline void for_each_tile(int width, const Tile& tile) {
  int x = 0;
  for (; x + kTilePixels <= width; x += kTilePixels) tile.template operator()<kTilePixels>(x);
  last_tile<kTilePixels - 1>(x, width, tile);
}

}  // namespace
}  // namespace dsode::kernels
