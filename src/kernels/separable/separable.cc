#include "kernels/separable/separable.h"

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const SeparableKernel> separable_kernels() {
  static const std::vector<SeparableKernel> kernels = DSODE_KERNELS(Separable);
  return kernels;
}

size_t separable_scratch(int width, int in) {
  return (4 * (static_cast<size_t>(width) + 2) + static_cast<size_t>(width)) * static_cast<size_t>(in);
}

}  // namespace dsode::kernels
