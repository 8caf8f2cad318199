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
        pitch_(tile_pitch(in, kTileBytes)),
        line_((uint8_t*)(((uintptr_t)room + kTileBytes - 1) / kTileBytes * kTileBytes)) {}

  int pitch() const { return pitch_; }
  uint8_t* line(int i) const { return line_ + (i - begin_) * width_ * pitch_; }
  void make(int i, void* y) {
    const int rows = i + 1 - begin_, pixels = rows * width_;
    if (i + 1 < end_ && rows < band_rows(width_)) return;
    const auto make = [&](int p, int k, const TileSums<int32_t>& sums) {
      block_sums(line_ + p * pitch_, op_.weight + k * pitch_, pitch_, least(pixels - p, kBlockPixels),
                 least(op_.out - k, kBlockOutputs), sums);
    };
    for_each_block<int32_t>(pixels, op_.out, make, [&](int p, int k, const int32_t* sums) {
      const int n = least(pixels - p, kBlockPixels), outputs = least(op_.out - k, kBlockOutputs);
      for (int v = 0; v < outputs; v += kLanes) finish(p, n, k + v, sums + v, y);
    });
    begin_ = i + 1;
  }

 private:
  // Of the band's pixels [p, p + n), kLanes outputs from `k` on; in runs of one bias.
  void finish(int p, int n, int k, const int32_t* sums, void* y) const {
    const Finish finish(op_, k);
    const int end = p + n, out = op_.out;
    for (int run; p < end; p += run) {
      const int i = begin_ + p / width_, x = p % width_, place = border_third(x, width_);
      run = place == 1 ? least(width_ - 1 - x, end - p) : 1;
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
  int begin_, end_, height_, width_, pitch_;
  uint8_t* line_;
};

}  // namespace

const IntegerKernel kInteger_amx{
    "amx", {kTileRows, 4, kTileBytes}, separable<BandProducts>, stem<BandProducts>, pool};

}  // namespace dsode::kernels
