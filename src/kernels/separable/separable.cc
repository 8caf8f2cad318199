#include "kernels/separable/separable.h"

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const SeparableKernel> separable_kernels(Precision precision) {
  static const std::vector<SeparableKernel> fp32 = DSODE_KERNELS(Separable, avx512),
                                            bf16 = DSODE_KERNELS(SeparableBf16, amx, bf16, avx512);
  return precision == Precision::kBf16 ? bf16 : fp32;
}

size_t separable_scratch(int width, int in) {
  // Three rows of activations of all channels and one of zeros, each with a pixel on both sides, and the
  // operands of a row, or where tiles are made of those, of several.
  const auto pixels = static_cast<size_t>(width), channels = static_cast<size_t>(in);
  const size_t operands = std::max(pixels, size_t{64}) + 15;
  return (pixels + 2) * (3 * channels + kChannels) + operands * (channels + kChannels);
}

}  // namespace dsode::kernels
