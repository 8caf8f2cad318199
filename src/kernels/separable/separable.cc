#include "kernels/separable/separable.h"

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const SeparableKernel> separable_kernels() {
  static const std::vector<SeparableKernel> kernels = DSODE_KERNELS(Separable, avx512);
  return kernels;
}

size_t separable_scratch(int width, int in) {
  const auto pixels = static_cast<size_t>(width), channels = static_cast<size_t>(in);
  return (pixels + 2) * (3 * channels + kChannels) + pixels * channels;
}

}  // namespace dsode::kernels
