#include "kernels/product_amx.h"
#include "kernels/separable_gradient/separable_gradient_body.h"

namespace dsode::kernels {
namespace {

// The 16x16 transpose of pairs of bf16.
inline void transpose(__m512i rows[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    rows[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    rows[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    rows[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    rows[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 2
  for (int half = 0; half < 16; half += 8)
#pragma GCC unroll 4
    for (int i = half; i < half + 4; ++i) {
      t[i] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0x88);
      t[i + 4] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0xdd);
    }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    rows[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
  }
}

// As VectorProducts, in tiles.
struct TileProducts {
  using Value = Bf16;
  static constexpr int kBandPixels = 128, kStep = kTileDepth, kOutputs = kBlockOutputs;
  static int pitch(int channels) { return tile_pitch(channels, kTileDepth); }

  static void back(const SeparableGradient& op, const Band<Bf16>&, int, const Bf16* gy, int width, int c,
                   Ahead*, float* gd, int pixel, int group) {
    const int line = pitch(op.out), outputs = least(op.in - c, kBlockOutputs);
    const Bf16* weight = (const Bf16*)op.transposed + c * line;
    gd += c / kLanes * group;
    for (int p = 0; p < width; p += kBlockPixels) {
      const int n = least(width - p, kBlockPixels);
      float* to = gd + p * pixel;
      const auto make = [&](const TileSums<float>& sums) {
        block_sums(gy + p * line, weight, line * (long)sizeof(Bf16), n, outputs, sums);
      };
      if (n % kTileRows == 0) {
        make({to, pixel, group, kTileRows * pixel, false});
        continue;
      }
      Block<float> block;
      make(block.sums());
      for (int v = 0; v < outputs; v += kLanes)
        for (int i = 0; i < n; ++i)
          store(to + v / kLanes * group + i * pixel, load(block.at + i * kBlockOutputs + v));
    }
  }

  static void gradient(const SeparableGradient& op, const Band<Bf16>& d, const Band<Bf16>& gy, int pixels,
                       float* sums) {
    turn(d, op.in, pixels);
    interleave(gy, op.out, pixels);
    for (int c = 0; c < op.in; c += kBlockOutputs)
      for (int k = 0; k < op.out; k += kBlockOutputs)
        tile_sums(op.in - c > kTileRows, op.out - k > kTileRows, operand(d, c), operand(gy, k),
                  pixels / kTileDepth,
                  TileSums<float>{sums + c * op.out + k, op.out, kTileRows, kTileRows * op.out, true});
  }

 private:
  static TileOperand operand(const Band<Bf16>& band, int c) {
    return {band.at(0, c), kTileBytes, band.pixels * kTileBytes / 2, kTileRows * kTileBytes};
  }

  // Every 32 pixels of 16 channels become the tile of 16 rows of one channel each.
  static void turn(const Band<Bf16>& band, int channels, int pixels) {
    for (int c = 0; c < channels; c += kGroup)
      for (int p = 0; p < pixels; p += kTileDepth) {
        __m512i rows[kTileRows];
#pragma GCC unroll 16
        for (int i = 0; i < kTileRows; ++i) rows[i] = interleaved(band.at(p + 2 * i, c));
        transpose(rows);
#pragma GCC unroll 16
        for (int i = 0; i < kTileRows; ++i) _mm512_storeu_si512(band.at(p + 2 * i, c), rows[i]);
      }
  }
};

void separable_gradient_tiles(const SeparableGradient& op, const float* x, float* g,
                              const SeparableSums& sums, float* scratch) noexcept {
  const Tiles tiles;
  separable_gradient<TileProducts>(op, x, g, sums, scratch);
}

}  // namespace

const SeparableGradientKernel kSeparableGradientBf16_amx{
    "amx", {kTileRows, kBf16Group, kTileDepth}, separable_gradient_tiles, pass};

}  // namespace dsode::kernels
