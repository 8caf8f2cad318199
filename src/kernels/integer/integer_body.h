// The kernels of integer.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/integer/integer_depthwise.h"

namespace dsode::kernels {
namespace {

constexpr int kBlock = 2 * kLanes;

inline uint8_t wide_norm(const IntegerNorm& norm, int c, int16_t z) {
  const int64_t a = ((int64_t)z * norm.scale[c] + norm.wide_offset[c]) >> norm.shift;
  return (uint8_t)(a < norm.lo ? norm.lo : a > norm.hi ? norm.hi : a);
}

// The activations of `pixels` neighbours.
inline void activate(const IntegerNorm& norm, const int16_t* z, int pixels, int channels, uint8_t* out) {
  const int values = pixels * channels;
  if (norm.wide_offset) {
    for (int i = 0; i < values; i += channels)
      for (int c = 0; c < channels; ++c) out[i + c] = wide_norm(norm, c, z[i + c]);
    return;
  }
  const Range<uint8_t> range(norm.lo, norm.hi);
  const Vec shift = broadcast(norm.shift);
  for (int c = 0; c < channels; c += kLanes) {
    const Narrow scale = load_narrow(norm.scale + c);
    const Vec offset = load(norm.offset + c);
    const auto some = [&]<int n>(int i) {
      Vec values[n];
#pragma GCC unroll 4
      for (int p = 0; p < n; ++p)
        values[p] = shift_right(add(multiply_narrow(load(z + i + p * channels), scale), offset), shift);
      range.put(out + i, channels, values);
    };
    int i = c;
    for (; i + 3 * channels < values; i += 4 * channels) some.template operator()<4>(i);
    for (; i < values; i += channels) some.template operator()<1>(i);
  }
}

// Of ir/graph.h's border classes.
inline int border_third(int i, int n) { return i == 0 ? 0 : i + 1 < n ? 1 : 2; }

// A row of y: where it begins, and its biases: of the leftmost pixel, those between, the rightmost.
struct Row {
  int at, width, in;
  const int32_t* bias;

  Row(const IntegerProduct& op, int i, int height, int width, int in)
      : at(i * width * op.out),
        width(width),
        in(in),
        bias(op.bias + 3 * border_third(i, height) * op.border) {}
};

// Of kLanes outputs from `k` on: what follows their sums. Values, see IntegerScaler.
template <class Scaler>
struct Finish {
  Scaler scaler;
  Range<int16_t> states;
  Range<uint8_t> activations;
  const int16_t* base;
  int out;
  bool state;

  Finish(const IntegerProduct& op, int k)
      : scaler(op.rescale, from(k)),
        states(op.lo, op.hi),
        activations(op.lo, op.hi),
        base(op.base),
        out(op.out),
        state(op.state) {}

  // Sums of n neighbouring pixels into y, and with what is in base, from place `at` on.
  template <int n>
  void put(Vec (&sums)[n], int at, void* y) const {
#pragma GCC unroll 8
    for (int p = 0; p < n; ++p) sums[p] = scaler(sums[p]);
    if (base)
#pragma GCC unroll 8
      for (int p = 0; p < n; ++p) sums[p] = add(sums[p], load(base + at + p * out));
    if (state)
      states.put((int16_t*)y + at, out, sums);
    else
      activations.put((uint8_t*)y + at, out, sums);
  }
};

// Pixels [x, x + kPixels), kVectors vectors of output channels from `k` on: the sums stay in registers.
template <class Scaler, int kPixels, int kVectors>
inline void product_tile(const IntegerProduct& op, const Row& row, const Operand* line, int x, int k,
                         void* y) {
  Vec sum[kPixels][kVectors];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    const int place = border_third(x + p, row.width);
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sum[p][v] = load(row.bias + place * op.border + k + v * kLanes);
  }
  const Operand* a = line + x * row.in;
  const int8_t* weight = op.weight + k * row.in;
  for (int c = 0; c < row.in; c += kGroup, weight += kVectors * kLanes * kGroup) {
    Weights w[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) w[v] = load_weights(weight + v * kLanes * kGroup);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      const Operands operands = load_operands(a + p * row.in + c);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[p][v] = multiply_add(operands, w[v], sum[p][v]);
    }
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const Finish<Scaler> finish(op, k + v * kLanes);
    Vec sums[kPixels];
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) sums[p] = sum[p][v];
    finish.put(sums, row.at + x * op.out + k + v * kLanes, y);
  }
}

// The kPixels pixels or fewer that are left after whole tiles.
template <class Scaler, int kPixels, int kVectors>
inline void product_rest(const IntegerProduct& op, const Row& row, const Operand* line, int x, int k,
                         void* y) {
  if constexpr (kPixels > 0) {
    if (row.width - x == kPixels)
      product_tile<Scaler, kPixels, kVectors>(op, row, line, x, k, y);
    else
      product_rest<Scaler, kPixels - 1, kVectors>(op, row, line, x, k, y);
  }
}

template <class Scaler, int kVectors>
inline void product_block(const IntegerProduct& op, const Row& row, const Operand* line, int k, void* y) {
  int x = 0;
  for (; x + kTilePixels <= row.width; x += kTilePixels)
    product_tile<Scaler, kTilePixels, kVectors>(op, row, line, x, k, y);
  product_rest<Scaler, kTilePixels - 1, kVectors>(op, row, line, x, k, y);
}

[[gnu::noinline]] void product(const IntegerProduct& op, const Row& row, const Operand* line, void* y) {
  with_scaler(op.rescale, [&]<class Scaler>() {
    int k = 0;
    for (; k + kBlock <= op.out; k += kBlock) product_block<Scaler, 2>(op, row, line, k, y);
    if (k < op.out) product_block<Scaler, 1>(op, row, line, k, y);
  });
}

// The products of lines of operands, row by row of y.
class RowProducts {
 public:
  RowProducts(const IntegerProduct& op, int begin, int, int height, int width, int in, void* room)
      : op_(op), begin_(begin), height_(height), width_(width), in_(in), line_((Operand*)room) {}

  // Where the operands of row i go, and those of i + 1 behind them, [width,in], rows in their order.
  Operand* line(int i) const { return line_ + (i - begin_) * width_ * in_; }
  // They are there up to row i. A product may wait for the rows after it.
  void make(int i, void* y) {
    const Operand* line = line_;
    for (; begin_ <= i; ++begin_, line += width_ * in_)
      product(op_, {op_, begin_, height_, width_, in_}, line, y);
  }

 private:
  const IntegerProduct& op_;
  int begin_, height_, width_, in_;
  Operand* line_;
};

template <class Products>
void separable(const IntegerSeparable& op, const void* x, void* y, void* scratch) noexcept {
  const int row = op.width * op.in, pitch = row + 2 * op.in;
  const int height = (op.height + op.stride - 1) / op.stride, width = (op.width + op.stride - 1) / op.stride;
  auto *ring = (uint8_t*)scratch, *nothing = ring + 4 * pitch;
  memset(ring, op.zero, (size_t)(5 * pitch));
  Products products(op.product, op.begin, op.end, height, width, op.in, nothing + pitch);

  const auto at = [&](int i) { return i < 0 || i >= op.height ? nothing : ring + i % 4 * pitch; };
  int ready = op.begin * op.stride - 1;  // rows before it are in the ring, were, or are of no use
  if (ready < 0) ready = 0;
  for (int i = op.begin, count; i < op.end; i += count) {
    count = op.stride == 1 && i + kDepthwiseRows <= op.end ? kDepthwiseRows : 1;
    const int centre = i * op.stride;
    for (; ready <= centre + count && ready < op.height; ++ready) {
      uint8_t* to = at(ready) + op.in;
      if (op.norm)
        activate(*op.norm, (const int16_t*)x + ready * row, op.width, op.in, to);
      else
        memcpy(to, (const uint8_t*)x + ready * row, (size_t)row);
      if (op.activations) memcpy(op.activations + ready * row, to, (size_t)row);
    }
    const uint8_t* rows[4] = {at(centre - 1), at(centre), at(centre + 1), at(centre + 2)};
    Operand* lines = products.line(i);
    with_scaler(op.depthwise_rescale,
                [&]<class Scaler>() { depthwise<Scaler>(op, rows, count, width, lines); });
    if (op.operands)
      for (int j = 0; j < count * width * op.in; ++j) op.operands[i * width * op.in + j] = (uint8_t)lines[j];
    products.make(i + count - 1, y);
  }
}

// The windows of a row of pixels.
inline void gather(const IntegerStem& op, const uint8_t* x, int i, int window, Operand* line) {
  for (int ox = 0; ox < op.width; ++ox, line += window) {
    Operand* to = line;
    for (int ky = 0; ky < 3; ++ky)
      for (int kx = 0; kx < 3; ++kx) {
        const int sy = i + ky - 1, sx = ox + kx - 1;
        const bool inside = sy >= 0 && sy < op.height && sx >= 0 && sx < op.width;
        const uint8_t* from = inside ? x + (sy * op.width + sx) * op.in : op.zero;
        for (int c = 0; c < op.in; ++c) *to++ = from[c];
      }
    while (to < line + window) *to++ = 0;
  }
}

template <class Products>
void stem(const IntegerStem& op, const uint8_t* x, int16_t* y, void* scratch) noexcept {
  const int window = (9 * op.in + 3) / 4 * 4;
  Products products(op.product, op.begin, op.end, op.height, op.width, window, scratch);
  for (int i = op.begin; i < op.end; ++i) {
    gather(op, x, i, window, products.line(i));
    products.make(i, y);
  }
}

void pool(const IntegerPool& op, const int16_t* x, int32_t* sums) noexcept {
  const IntegerNorm& norm = op.norm;
  const int values = op.pixels * op.channels;
  const Vec lo = broadcast(norm.lo), hi = broadcast(norm.hi), shift = broadcast(norm.shift);
  for (int c = 0; c < op.channels; c += kLanes) {
    if (norm.wide_offset) {
      for (int lane = c; lane < c + kLanes; ++lane) {
        sums[lane] = 0;
        for (int i = lane; i < values; i += op.channels) {
          const uint8_t a = wide_norm(norm, lane, x[i]);
          sums[lane] += a;
          if (op.activations) op.activations[i] = a;
        }
      }
      continue;
    }
    const Narrow scale = load_narrow(norm.scale + c);
    const Vec offset = load(norm.offset + c);
    Vec sum = broadcast(0);
    for (int i = c; i < values; i += op.channels) {
      const Vec a = clamp(shift_right(add(multiply_narrow(load(x + i), scale), offset), shift), lo, hi);
      sum = add(sum, a);
      if (op.activations) store(op.activations + i, a);
    }
    store(sums + c, sum);
  }
}

}  // namespace
}  // namespace dsode::kernels
