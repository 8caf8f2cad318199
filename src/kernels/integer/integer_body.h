// The kernels of integer.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/integer/integer_isa.h"
#include "kernels/integer/simd_integer.h"

namespace dsode::kernels {
namespace {

constexpr int kBlock = 2 * kLanes;

// A Rescale of kLanes channels. Values, no reference: a byte that is stored might be any field of another
// struct.
struct Scaler {
  Factor factor;
  int64_t rounding;
  bool bounded;
  Vec bound, left, right;

  Scaler(const Rescale& op, int k)
      : factor(load_factor(op.multiplier + k)), rounding(op.rounding), bounded(op.bound != nullptr) {
    if (!bounded) return;
    bound = load(op.bound + k);
    left = load(op.left + k);
    right = broadcast(op.right);
  }

  Vec operator()(Vec acc) const {
    if (!bounded) return multiply_high(acc, factor, rounding);
    acc = shift_left(clamp(acc, multiply(bound, broadcast(-1)), bound), left);
    return shift_right(multiply_high(acc, factor, rounding), right);
  }
};

// Bounds of what is stored as T; nothing is to do where they are T's own.
template <class T>
struct Range {
  Vec lo, hi;
  bool whole;

  Range(int lo, int hi) : lo(broadcast(lo)), hi(broadcast(hi)) {
    whole = sizeof(T) == 1 ? lo == 0 && hi == UINT8_MAX : lo == INT16_MIN && hi == INT16_MAX;
  }
  // Values for p, p + pitch, ...
  template <int n>
  void put(T* p, long pitch, Vec (&values)[n]) const {
    if (!whole)
#pragma GCC unroll 4
      for (Vec& value : values) value = clamp(value, lo, hi);
    if constexpr (n == kTogether && n > 1 && sizeof(T) == 1) {
      store_four(p, pitch, values);
    } else {
#pragma GCC unroll 4
      for (int i = 0; i < n; ++i) store(p + i * pitch, values[i]);
    }
  }
};

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
    for (; i + (kTogether - 1) * channels < values; i += kTogether * channels)
      some.template operator()<kTogether>(i);
    for (; i < values; i += channels) some.template operator()<1>(i);
  }
}

// A column of the windows that move along a row, for kLanes channels from c on.
struct Columns {
  const uint8_t* rows[3];
  int channels;

  Column next() {
    const Column column = load_column(rows[0], rows[1], rows[2]);
    for (const uint8_t*& row : rows) row += channels;
    return column;
  }
};

struct Depthwise {
  Columns columns;
  Taps taps[3];
  Vec bias;
  Range<Operand> range;
  Scaler scaler;

  Depthwise(const IntegerSeparable& op, const uint8_t* const around[3], int c)
      : columns{{around[0] + c, around[1] + c, around[2] + c}, op.in},
        bias(load(op.depthwise_bias + c)),
        range(op.depthwise_lo, op.depthwise_hi),
        scaler(op.depthwise_rescale, c) {
    for (int i = 0; i < 3; ++i) {
      const int8_t* weight = op.depthwise + i * op.in + c;
      taps[i] = load_taps(weight, weight + 3 * op.in, weight + 6 * op.in);
    }
  }

  // kOut neighbouring sums; a column that is read serves up to three of them, the last two the next tile too.
  template <int kOut>
  void tile(Column& left, Column& right, int pitch, Operand* out) {
    Column column[kOut + 2] = {left, right};
    constexpr int kSums = kOut < kTogether ? kOut : kTogether;
#pragma GCC unroll 4
    for (int first = 0; first < kOut; first += kSums) {
      Vec sums[kSums];
#pragma GCC unroll 4
      for (int s = 0; s < kSums; ++s) {
        const int o = first + s;
        column[o + 2] = columns.next();
        sums[s] = bias;
#pragma GCC unroll 3
        for (int kx = 0; kx < 3; ++kx) sums[s] = multiply_add_column(column[o + kx], taps[kx], sums[s]);
        sums[s] = scaler(sums[s]);
      }
      range.put(out + first * pitch, pitch, sums);
    }
    left = column[kOut];
    right = column[kOut + 1];
  }
};

// A row of operands, [width,pitch], from the rows around it, each with a pixel of zeros on both sides. It and
// product() are functions of their own for tools/a53_estimate.py, which judges their loops.
[[gnu::noinline]] void depthwise(const IntegerSeparable& op, const uint8_t* const rows[3], int width,
                                 int pitch, Operand* line) {
  for (int c = 0; c < op.in; c += kLanes) {
    Depthwise at(op, rows, c);
    Operand* out = line + c;
    int x = 0;
    Column first = at.columns.next();
    if (op.stride == 1) {
      Column second = at.columns.next();
      for (; x + 4 <= width; x += 4, out += 4 * pitch) at.tile<4>(first, second, pitch, out);
      for (; x < width; ++x, out += pitch) at.tile<1>(first, second, pitch, out);
    } else {
      for (; x < width; ++x, out += pitch) {
        Column second = at.columns.next();
        at.tile<1>(first, second, pitch, out);
        first = second;
      }
    }
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

// Of kLanes outputs from `k` on: what follows their sums. Values, see Scaler.
struct Finish {
  Scaler scaler;
  Range<int16_t> states;
  Range<uint8_t> activations;
  const int16_t* base;
  int out;
  bool state;

  Finish(const IntegerProduct& op, int k)
      : scaler(op.rescale, k),
        states(op.lo, op.hi),
        activations(op.lo, op.hi),
        base(op.base),
        out(op.out),
        state(op.state) {}

  // Sums of n neighbouring pixels into y, and with what is in base, from place `at` on.
  template <int n>
  void put(Vec (&sums)[n], int at, void* y) const {
#pragma GCC unroll 4
    for (int p = 0; p < n; ++p) {
      sums[p] = scaler(sums[p]);
      if (base) sums[p] = add(sums[p], load(base + at + p * out));
    }
    if (state)
      states.put((int16_t*)y + at, out, sums);
    else
      activations.put((uint8_t*)y + at, out, sums);
  }
};

// Pixels [x, x + kPixels), kVectors vectors of output channels from `k` on: the sums stay in registers.
template <int kPixels, int kVectors>
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
    const Finish finish(op, k + v * kLanes);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      Vec one[] = {sum[p][v]};
      finish.put(one, row.at + (x + p) * op.out + k + v * kLanes, y);
    }
  }
}

// The kPixels pixels or fewer that are left after whole tiles.
template <int kPixels, int kVectors>
inline void product_rest(const IntegerProduct& op, const Row& row, const Operand* line, int x, int k,
                         void* y) {
  if constexpr (kPixels > 0) {
    if (row.width - x == kPixels)
      product_tile<kPixels, kVectors>(op, row, line, x, k, y);
    else
      product_rest<kPixels - 1, kVectors>(op, row, line, x, k, y);
  }
}

template <int kVectors>
inline void product_block(const IntegerProduct& op, const Row& row, const Operand* line, int k, void* y) {
  int x = 0;
  for (; x + kTilePixels <= row.width; x += kTilePixels)
    product_tile<kTilePixels, kVectors>(op, row, line, x, k, y);
  product_rest<kTilePixels - 1, kVectors>(op, row, line, x, k, y);
}

[[gnu::noinline]] void product(const IntegerProduct& op, const Row& row, const Operand* line, void* y) {
  int k = 0;
  for (; k + kBlock <= op.out; k += kBlock) product_block<2>(op, row, line, k, y);
  if (k < op.out) product_block<1>(op, row, line, k, y);
}

// The products of lines of operands, row by row of y.
class RowProducts {
 public:
  RowProducts(const IntegerProduct& op, int, int, int height, int width, int in, void* room)
      : op_(op), height_(height), width_(width), in_(in), line_((Operand*)room) {}

  int pitch() const { return in_; }
  // Where row i's operands go, [width,pitch()], rows in their order.
  Operand* line(int) const { return line_; }
  // They are there. A product may wait for the rows after it.
  void make(int i, void* y) const { product(op_, {op_, i, height_, width_, in_}, line_, y); }

 private:
  const IntegerProduct& op_;
  int height_, width_, in_;
  Operand* line_;
};

inline void show(const Operand* line, int width, int pitch, int channels, uint8_t* to) {
  for (int x = 0; x < width; ++x)
    for (int c = 0; c < channels; ++c) *to++ = (uint8_t)line[x * pitch + c];
}

template <class Products>
void separable(const IntegerSeparable& op, const void* x, void* y, void* scratch) noexcept {
  const int row = op.width * op.in, pitch = row + 2 * op.in;
  const int height = (op.height + op.stride - 1) / op.stride, width = (op.width + op.stride - 1) / op.stride;
  auto *ring = (uint8_t*)scratch, *nothing = ring + 3 * pitch;
  memset(ring, op.zero, (size_t)(4 * pitch));
  Products products(op.product, op.begin, op.end, height, width, op.in, nothing + pitch);

  const auto at = [&](int i) { return i < 0 || i >= op.height ? nothing : ring + i % 3 * pitch; };
  int ready = op.begin * op.stride - 1;  // rows before it are in the ring, were, or are of no use
  if (ready < 0) ready = 0;
  for (int i = op.begin; i < op.end; ++i) {
    const int centre = i * op.stride;
    for (; ready <= centre + 1 && ready < op.height; ++ready) {
      uint8_t* to = at(ready) + op.in;
      if (op.norm)
        activate(*op.norm, (const int16_t*)x + ready * row, op.width, op.in, to);
      else
        memcpy(to, (const uint8_t*)x + ready * row, (size_t)row);
      if (op.activations) memcpy(op.activations + ready * row, to, (size_t)row);
    }
    const uint8_t* rows[3] = {at(centre - 1), at(centre), at(centre + 1)};
    Operand* line = products.line(i);
    depthwise(op, rows, width, products.pitch(), line);
    if (op.operands) show(line, width, products.pitch(), op.in, op.operands + i * width * op.in);
    products.make(i, y);
  }
}

// The windows of a row of pixels.
inline void gather(const IntegerStem& op, const uint8_t* x, int i, int pitch, Operand* line) {
  for (int ox = 0; ox < op.width; ++ox, line += pitch) {
    Operand* to = line;
    for (int ky = 0; ky < 3; ++ky)
      for (int kx = 0; kx < 3; ++kx) {
        const int sy = i + ky - 1, sx = ox + kx - 1;
        const bool inside = sy >= 0 && sy < op.height && sx >= 0 && sx < op.width;
        const uint8_t* from = inside ? x + (sy * op.width + sx) * op.in : op.zero;
        for (int c = 0; c < op.in; ++c) *to++ = from[c];
      }
    while (to < line + pitch) *to++ = 0;
  }
}

template <class Products>
void stem(const IntegerStem& op, const uint8_t* x, int16_t* y, void* scratch) noexcept {
  const int window = (9 * op.in + 3) / 4 * 4;
  Products products(op.product, op.begin, op.end, op.height, op.width, window, scratch);
  for (int i = op.begin; i < op.end; ++i) {
    gather(op, x, i, products.pitch(), products.line(i));
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
