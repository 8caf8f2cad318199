#include "kernels/amx.h"
#include "kernels/integer/integer_body.h"

namespace dsode::kernels {
namespace {

// Tiles want more pixels than a row of a small map has: rows wait until there are enough.
class BandProducts {
 public:
  BandProducts(const IntegerProduct& op, int begin, int end, int height, int width, int in, void* room)
      : op_(op),
        begin_(begin),
        end_(end),
        height_(height),
        width_(width),
        in_(in),
        depth_(tile_pitch(in, kTileBytes)),
        line_((uint8_t*)(((uintptr_t)room + kTileBytes - 1) / kTileBytes * kTileBytes)) {}

  uint8_t* line(int i) const { return line_ + (i - begin_) * width_ * in_; }
  void make(int i, void* y) {
    const int rows = i + 1 - begin_, pixels = rows * width_;
    if (i + 1 < end_ && rows < band_rows(width_)) return;
    const auto make = [&](int p, int k, const TileSums<int32_t>& sums) {
      // A tile's rows of operands reach into the next pixel's, where the weights are zeros.
      const TileOperand operands{line_ + p * in_, in_, kTileRows * in_, kTileBytes};
      tile_sums(pixels - p > kTileRows, op_.out - k > kTileRows, operands,
                packed_blocks(op_.weight + k * depth_, depth_), depth_ / kTileBytes, sums);
    };
    for_each_block<int32_t>(pixels, op_.out, make, [&](int p, int k, const int32_t* sums) {
      const int n = least(pixels - p, kBlockPixels), outputs = least(op_.out - k, kBlockOutputs);
      with_scaler(op_.rescale, [&]<class Scaler>() {
        for (int v = 0; v < outputs; v += kLanes) finish<Scaler>(p, n, k + v, sums + v, y);
      });
    });
    begin_ = i + 1;
  }

 private:
  // Of the band's pixels [p, p + n), kLanes outputs from `k` on; in runs of one bias.
  template <class Scaler>
  void finish(int p, int n, int k, const int32_t* sums, void* y) const {
    const Finish<Scaler> finish(op_, k);
    const int end = p + n, out = op_.out;
    for (int run; p < end; p += run) {
      const int i = begin_ + p / width_, x = p % width_, place = border_third(x, width_);
      run = !op_.border ? end - p : place == 1 ? least(width_ - 1 - x, end - p) : 1;
      const Vec bias = load(op_.bias + (3 * border_third(i, height_) + place) * op_.border + k);
      int at = (begin_ * width_ + p) * out + k;
      const auto some = [&]<int n>() {
        Vec values[n];
#pragma GCC unroll 4
        for (int j = 0; j < n; ++j) values[j] = add(load(sums + j * kBlockOutputs), bias);
        finish.put(values, at, y);
        sums += n * kBlockOutputs;
        at += n * out;
      };
      int j = 0;
      for (; j + 4 <= run; j += 4) some.template operator()<4>();
      for (; j < run; ++j) some.template operator()<1>();
    }
  }

  const Tiles tiles_;
  const IntegerProduct& op_;
  int begin_, end_, height_, width_, in_, depth_;
  uint8_t* line_;
};

}  // namespace

const IntegerKernel kInteger_amx{
    "amx", {kTileRows, 4, kTileBytes}, separable<BandProducts>, stem<BandProducts>, pool};

}  // namespace dsode::kernels
