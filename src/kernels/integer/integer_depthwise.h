// The depthwise convolution of a separable one; internal to the including file.
#pragma once

#include "kernels/integer/integer_rescale.h"

namespace dsode::kernels {
namespace {

// Operands of kWide channels from c on. Scaler: see with_scaler.
template <class Scaler>
class Depthwise {
 public:
  Depthwise(const IntegerSeparable& op, int c)
      : c_(c),
        in_(op.in),
        n_(op.in - c),
        bias_(load_wide(op.depthwise_bias + c, n_)),
        range_(op.depthwise_lo, op.depthwise_hi) {
    for (int kx = 0; kx < 3; ++kx) {
      const int8_t* weight = op.depthwise + kx * op.in + c;
      taps_[kx] = load_taps(weight, weight + 3 * op.in, weight + 6 * op.in, n_);
    }
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part)
      scalers_[part] =
          Scaler(op.depthwise_rescale, [&](const int32_t* p) { return load_wide(p + c, n_).part[part]; });
  }

  // Of kRows rows, 1 or 2, out [kRows,width,in] from the four around them.
  template <int kRows>
  void make(const uint8_t* const rows[4], int stride, int width, Operand* out) const {
    Column columns[2] = {column(rows, 0), column(rows, 1)};
    const int row = width * in_;
    int x = 0;
    if (stride == 1) {
      for (; x + 4 <= width; x += 4, out += 4 * in_) tile<kRows, 4>(columns, rows, x, n_, row, out);
      for (; x < width; ++x, out += in_) tile<kRows, 1>(columns, rows, x, n_, row, out);
      return;
    }
    for (; x < width; ++x, out += in_) {
      tile<kRows, 1>(columns, rows, 2 * x, n_, row, out);
      columns[0] = columns[1];
      columns[1] = column(rows, 2 * x + 3);
    }
  }

  // The same with stride 1, where kWide values are those of whole pixels: these side by side.
  template <int kRows>
  void make_narrow(const uint8_t* const rows[4], int width, Operand* out) const {
    const int row = width * in_;
    for (int x = 0; x < width; x += kWide / in_) {
      Column columns[2] = {column(rows, x), column(rows, x + 1)};
      tile<kRows, 1>(columns, rows, x, row - x * in_, row, out + x * in_);
    }
  }

 private:
  Column column(const uint8_t* const rows[4], int x) const { return load_column(rows, x * in_ + c_); }

  // kOut neighbours, from `columns` and those after them, the last two of which it leaves for the next tile.
  // Of each the first n values, if not all, go to out [kRows,row].
  template <int kRows, int kOut>
  [[gnu::always_inline]] void tile(Column (&columns)[2], const uint8_t* const rows[4], int x, int n, int row,
                                   Operand* out) const {
    Column all[kOut + 2] = {columns[0], columns[1]};
#pragma GCC unroll 4
    for (int o = 0; o < kOut; ++o) {
      all[o + 2] = column(rows, x + o + 2);
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) {
        Wide sums = bias_;
#pragma GCC unroll 4
        for (int part = 0; part < kParts; ++part) {
#pragma GCC unroll 3
          for (int kx = 0; kx < 3; ++kx)
            sums.part[part] = multiply_add_column(all[o + kx], taps_[kx], r, part, sums.part[part]);
          sums.part[part] = scalers_[part](sums.part[part]);
        }
        range_.put(out + o * in_ + r * row, sums, n);
      }
    }
    columns[0] = all[kOut];
    columns[1] = all[kOut + 1];
  }

  int c_, in_, n_;
  Taps taps_[3];
  Wide bias_;
  Scaler scalers_[kParts];
  Range<Operand> range_;
};

// `count` rows of operands, [count,width,in], from the rows around them, each with a pixel of zeros on both
// sides: of two rows at a time, bytes are unpacked once, which pays where registers are many.
template <class Scaler>
[[gnu::noinline]] void depthwise(const IntegerSeparable& op, const uint8_t* const rows[4], int count,
                                 int width, Operand* lines) {
  const bool narrow = op.in < kWide && kWide % op.in == 0 && op.stride == 1;
  const bool two = kDepthwiseRows == 2 && count == 2;
  for (int c = 0; c < op.in; c += kWide) {
    const Depthwise<Scaler> at(op, c);
    if (narrow)
      two ? at.template make_narrow<2>(rows, width, lines) : at.template make_narrow<1>(rows, width, lines);
    else
      two ? at.template make<2>(rows, 1, width, lines + c)
          : at.template make<1>(rows, op.stride, width, lines + c);
  }
}

}  // namespace
}  // namespace dsode::kernels
