#include "kernels/separable_gradient/separable_gradient.h"

#include <algorithm>

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const SeparableGradientKernel> separable_gradient_kernels() {
  static const std::vector<SeparableGradientKernel> kernels = DSODE_KERNELS(SeparableGradient, avx512);
  return kernels;
}

size_t separable_gradient_scratch(int width, int in, int out) {
  const auto w = static_cast<size_t>(width), i = static_cast<size_t>(in), o = static_cast<size_t>(out);
  const size_t band = std::max<size_t>(64, w);
  return 7 * (w + 2) * i + w * o + band * (i + o);
}

}  // namespace dsode::kernels
