// The kernel of separable.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/product.h"
#include "kernels/separable/separable_isa.h"
#include "kernels/window.h"

namespace dsode::kernels {
namespace {

// A vector of channels of one row: out [width,kLanes] = max(0, scale x + shift).
inline void activate(const Separable& op, const float* x, int c, float* out) {
  const long pitch = op.in;
  x += c;
  if (!op.scale) {
    for (int i = 0; i < op.width; ++i) store(out + i * kLanes, load(x + i * pitch));
    return;
  }
  const Vec scale = load(op.scale + c), shift = load(op.shift + c);
  for (int i = 0; i < op.width; ++i) store(out + i * kLanes, relu(fma(load(x + i * pitch), scale, shift)));
}

// A vector of channels of one row: out [width,pitch], from the rows [.,kLanes] around it, each with a pixel
// of zeros on both sides, and weights [9,in].
template <int kStride, class Value>
[[gnu::noinline]] void depthwise(const float* const rows[3], const float* weights, long in, int width,
                                 long pitch, Value* out) {
  Vec weight[9];
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; ++tap) weight[tap] = load(weights + tap * in);
  for_each_tile(width, [&]<int kOut>(int x0) {
    window_sums<kOut, kStride>(rows, weight, x0, [&](int x, Vec sum) { store(out + x * pitch, sum); });
  });
}

// The products of what the depthwise convolution makes, row by row.
template <class Value>
class RowProduct {
 public:
  RowProduct(const Separable& op, int height, int width, void* room)
      : op_(op), height_(height), width_(width), line_((Value*)room) {}

  // Where row i's operands from channel c on go, rows in their order, and the values from a pixel to the
  // next.
  Value* operands(int, int c) const { return line_ + line_at(0, c, width_ * kGroup); }
  int pitch() const { return kGroup; }
  // They are there. A product may wait for the rows after it.
  void make(int i, Ahead* ahead, float* y) const {
    const int at = i * width_ * op_.out;
    product<Value>(
        {width_, op_.in, op_.out, (const Value*)op_.pointwise, bias_of_row(op_.bias, i, height_, op_.out),
         op_.relu, op_.base ? op_.base + at : nullptr, op_.far ? ahead : nullptr},
        line_, y + at);
  }

 private:
  const Separable& op_;
  int height_, width_;
  Value* line_;
};

// Row r of the map is in slot r % 3 of the ring; each vector of channels has its own, [3,width+2,kLanes].
template <class Products>
void separable(const Separable& op, const float* x, float* y, float* scratch) noexcept {
  const int row = op.width * op.in, slot = (op.width + 2) * kLanes;
  const int height = (op.height + op.stride - 1) / op.stride, width = (op.width + op.stride - 1) / op.stride;
  float* nothing = scratch + op.in / kLanes * 3 * slot;
  for (float* at = scratch; at < nothing; at += slot) {
    store(at, zero());
    store(at + slot - kLanes, zero());
  }
  for (int i = 0; i < slot; i += kLanes) store(nothing + i, zero());

  Products products(op, height, width, nothing + slot);
  int ready = op.begin * op.stride - 1;  // rows before it are in the ring, were, or are of no use
  if (ready < 0) ready = 0;
  for (int i = op.begin; i < op.end; ++i) {
    const int centre = i * op.stride, end = centre + 2 < op.height ? centre + 2 : op.height;
    for (int c = 0; c < op.in; c += kLanes) {
      float* ring = scratch + c / kLanes * 3 * slot;
      const auto at = [&](int r) { return r < 0 || r >= op.height ? nothing : ring + r % 3 * slot; };
      for (int r = ready; r < end; ++r) activate(op, x + r * row, c, at(r) + kLanes);
      const float* rows[3] = {at(centre - 1), at(centre), at(centre + 1)};
      const int pitch = products.pitch();
      auto* out = products.operands(i, c);
      if (op.stride == 1)
        depthwise<1>(rows, op.depthwise + c, op.in, width, pitch, out);
      else
        depthwise<2>(rows, op.depthwise + c, op.in, width, pitch, out);
    }
    ready = end;
    const int next = (i + 1) * width * op.out;
    Ahead ahead{{x + end * row, y + next, op.base ? op.base + next : y + next, y + next}, row};
    products.make(i, &ahead, y);
  }
}

}  // namespace
}  // namespace dsode::kernels
