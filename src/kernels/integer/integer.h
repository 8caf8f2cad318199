// The integer model's operations, bit by bit as docs/numerics.md defines them, each fused in one sweep over
// the rows of a map: stem; half of an ODE block's function or a transition; norm and sum before the
// classifier. Between norm and pointwise product three rows live in L1.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/integer/integer_isa.h"

namespace dsode::kernels {

// Those that this CPU can run, the fastest first; the scalar ones are the last.
std::span<const IntegerKernel> integer_kernels();

// Bytes for rows of `width` pixels, of `in` channels for a separable convolution or a stem.
size_t integer_scratch(int width, int in);

// Values of a pixel's window in a stem's product.
inline int integer_stem_window(int in) { return (9 * in + 3) / 4 * 4; }

// What a Rescale points to, from multipliers and their common shift, 1 to 40. No |acc| is above `largest`.
// `plus` is added to the result.
//
// Why it is exact. With `left` and `right` zero and multiplier = m 2^(32-s) < 2^31, the upper half of
// acc m 2^(32-s) + 2^31 is floor((acc m + 2^(s-1)) / 2^s). A shift s > 32 is one by 32 and one to the right
// by s - 32: floors nest. Where m 2^(32-s) is too large, as many of the factors of 2 as do not fit, `left`,
// go to acc instead. The multiplier then is 2^30 or more, and acc, clamped to where the result is 2^17 in
// magnitude, stays below 2^20 when shifted; results that large are saturated whatever a state of 16 bits adds
// to them.
//
// Floats are exact too where |acc| is at most 2^24. Then acc, m 2^-s and plus + 1/2 are floats, and a fused
// multiply-add rounds once, downwards, what is to be floored. Whole numbers up to 2^24 are floats: none lies
// between the sum and what it is rounded to, both have the same floor. Sums beyond stay beyond, and where s
// is 10 or more fit in 32 bits.
class RescalePlan {
 public:
  RescalePlan() = default;
  RescalePlan(std::span<const uint16_t> multipliers, int shift, int64_t largest, int plus = 0);

  // For the channels from `first` on.
  Rescale at(size_t first) const;

 private:
  std::vector<int32_t> multiplier_, bound_, left_;
  std::vector<float> scale_;
  int64_t rounding_ = 0;
  int right_ = 0;
  float plus_ = 0;
};

// What a IntegerNorm points to, from scales, biases and their common shift: 32-bit offsets where these hold
// every sum for a state of 16 bits, else wide ones. `zero` is the stored activation that means 0.
class NormPlan {
 public:
  NormPlan() = default;
  NormPlan(std::vector<int16_t> scales, std::span<const int32_t> biases, int shift, int zero, int lo, int hi);

  IntegerNorm at(size_t first) const;

 private:
  std::vector<int16_t> scale_;
  std::vector<int32_t> offset_;
  std::vector<int64_t> wide_;
  int shift_ = 1, lo_ = 0, hi_ = 0;
};

}  // namespace dsode::kernels
