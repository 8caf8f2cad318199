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
    const int rows = i + 1 - begin_;
    if (i + 1 < end_ && rows < band_rows(width_)) return;
    Block<int32_t> block;
    for (int k = 0; k < op_.out; k += kBlockOutputs)
      for (int p = 0; p < rows * width_; p += kBlockPixels) {
        const int n = least(rows * width_ - p, kBlockPixels), outputs = least(op_.out - k, kBlockOutputs);
        block_sums(line_ + p * pitch_, op_.weight + k * pitch_, pitch_, n, outputs, block.sums());
        for (int v = 0; v < outputs; v += kLanes) finish(p, n, k + v, block.at + v, y);
      }
    begin_ = i + 1;
  }

 private:
  static int least(int a, int b) { return a < b ? a : b; }

  // Of the band's pixels [p, p + n), kLanes outputs from `k` on.
  void finish(int p, int n, int k, const int32_t* sums, void* y) const {
    const Finish finish(op_, k);
    int i = begin_ + p / width_, x = p % width_;
    const auto bias_of_row = [&] { return op_.bias + 3 * border_third(i, height_) * op_.border + k; };
    const int32_t* bias = bias_of_row();
    int at = (begin_ * width_ + p) * op_.out + k;
    for (int end = p + n; p < end; ++p, sums += kBlockOutputs, at += op_.out) {
      finish(add(load(sums), load(bias + border_third(x, width_) * op_.border)), at, y);
      if (++x < width_) continue;
      x = 0;
      ++i;
      bias = bias_of_row();
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
