#include "kernels/product_amx.h"
#include "kernels/separable/separable_body.h"

namespace dsode::kernels {
namespace {

// Tiles want more pixels than a row of a small map has: rows wait until there are enough.
class BandProduct {
 public:
  BandProduct(const Separable& op, int height, int width, void* room)
      : op_(op),
        band_{height,
              width,
              op.begin,
              op.begin,
              tile_pitch(op.in, kTileDepth),
              op.out,
              (const Bf16*)op.pointwise,
              op.bias,
              op.relu,
              nullptr},
        rows_(band_rows(width)),
        line_((Bf16*)room) {
    if (band_.pitch > op.in)  // what lies behind a pixel's operands meets weights of zero, and may not be NaN
      memset(line_, 0, sizeof(Bf16) * (size_t)(rows_ * width * band_.pitch));
  }

  Bf16* operands(int i, int c) const { return line_ + (i - band_.begin) * band_.width * band_.pitch + c; }
  int pitch() const { return band_.pitch; }
  void make(int i, Ahead*, float* y) {
    band_.end = i + 1;
    if (band_.end < op_.end && band_.end - band_.begin < rows_) return;
    const int at = band_.begin * band_.width * band_.out;
    band_.base = op_.base ? op_.base + at : nullptr;
    product(band_, line_, y + at);
    band_.begin = band_.end;
  }

 private:
  const Tiles tiles_;
  const Separable& op_;
  TileRows band_;
  int rows_;
  Bf16* line_;
};

}  // namespace

const SeparableKernel kSeparableBf16_amx{"amx", {kTileRows, kBf16Group, kTileDepth}, separable<BandProduct>};

}  // namespace dsode::kernels
