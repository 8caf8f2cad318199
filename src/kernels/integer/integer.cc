#include "kernels/integer/integer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const IntegerKernel> integer_kernels() {
  static const std::vector<IntegerKernel> kernels = DSODE_KERNELS(Integer, amx, vnni);
  return kernels;
}

size_t integer_scratch(int width, int in) {
  // Five rows of activations with a pixel on both sides, and two rows of operands of up to 16 bits, or where
  // tiles are made of those, of several, which begin with a cache line.
  const auto pixels = static_cast<size_t>(width);
  const size_t operands = 2 * pixels + 64 + 15;
  const auto window = static_cast<size_t>(std::max(in, integer_stem_window(in)));
  return 5 * (pixels + 2) * static_cast<size_t>(in) + operands * (2 * window + 64) + 64;
}

RescalePlan::RescalePlan(std::span<const uint16_t> multipliers, int shift, int64_t largest, int plus)
    : right_(std::max(0, shift - 32)), plus_(static_cast<float>(plus) + 0.5F) {
  rounding_ = (int64_t{2} * plus + 1) << (31 + right_);
  bool narrow = false;
  for (const int64_t m : multipliers) {
    int factors = std::max(0, 32 - shift), left = 0;
    for (; (m << factors) > INT32_MAX; --factors) ++left;
    multiplier_.push_back(static_cast<int32_t>(m << factors));
    left_.push_back(left);
    constexpr int64_t kAny = INT32_MAX;  // does not clamp
    bound_.push_back(static_cast<int32_t>(left > 0 ? (int64_t{1} << (17 + shift)) / m + 1 : kAny));
    narrow |= left > 0;
  }
  if (!narrow && right_ == 0) {
    bound_.clear();
    left_.clear();
  }
  if (largest <= 1 << 24 && shift >= 10)
    for (const uint16_t m : multipliers) scale_.push_back(std::ldexp(static_cast<float>(m), -shift));
}

Rescale RescalePlan::at(size_t first) const {
  return {multiplier_.data() + first,
          bound_.empty() ? nullptr : bound_.data() + first,
          left_.empty() ? nullptr : left_.data() + first,
          rounding_,
          right_,
          scale_.empty() ? nullptr : scale_.data() + first,
          plus_};
}

NormPlan::NormPlan(std::vector<int16_t> scales, std::span<const int32_t> biases, int shift, int zero, int lo,
                   int hi)
    : scale_(std::move(scales)), shift_(shift), lo_(lo + zero), hi_(hi + zero) {
  bool fits = shift < 32;
  for (size_t i = 0; i < scale_.size(); ++i) {
    wide_.push_back(biases[i] + (int64_t{1} << (shift - 1)) + (int64_t{zero} << shift));
    fits &= 32768 * std::abs(int64_t{scale_[i]}) + std::abs(wide_[i]) <= INT32_MAX;
  }
  if (!fits) return;
  offset_.assign(wide_.begin(), wide_.end());
  wide_.clear();
}

IntegerNorm NormPlan::at(size_t first) const {
  return {scale_.data() + first,
          offset_.empty() ? nullptr : offset_.data() + first,
          wide_.empty() ? nullptr : wide_.data() + first,
          shift_,
          lo_,
          hi_};
}

}  // namespace dsode::kernels
