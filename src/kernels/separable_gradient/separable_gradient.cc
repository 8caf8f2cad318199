#include "kernels/separable_gradient/separable_gradient.h"

#include <algorithm>

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const SeparableGradientKernel> separable_gradient_kernels(Precision precision) {
  static const std::vector<SeparableGradientKernel> fp32 = DSODE_KERNELS(SeparableGradient, avx512),
                                                    bf16 = DSODE_KERNELS(SeparableGradientBf16, amx, bf16,
                                                                         avx512);
  return precision == Precision::kBf16 ? bf16 : fp32;
}

size_t separable_gradient_scratch(int width, int in, int out) {
  const auto w = static_cast<size_t>(width), i = static_cast<size_t>(in), o = static_cast<size_t>(out);
  const size_t band = std::max<size_t>(128, w) + 31;  // pixels; half as many floats where they are bf16
  return 7 * (w + 2) * i + (w + 15) * (o + kChannels) + band * (i + o);
}

}  // namespace dsode::kernels
