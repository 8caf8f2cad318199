// Tiles of x86's AMX, for the files that are compiled for it: eight registers of 16 rows of 64 bytes, which
// one instruction multiplies, 16x16 sums at once.
#pragma once

#include <immintrin.h>
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

}  // namespace
}  // namespace dsode::kernels
