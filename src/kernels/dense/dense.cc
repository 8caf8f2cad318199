#include "kernels/dense/dense.h"

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const DenseKernel> dense_kernels() {
  static const std::vector<DenseKernel> kernels = DSODE_KERNELS(Dense, avx512);
  return kernels;
}

size_t dense_scratch(int width, int in, int size, int stride) {
  const int channels = (size * size * in + kChannels - 1) / kChannels * kChannels;
  return static_cast<size_t>((width + stride - 1) / stride) * static_cast<size_t>(channels);
}

}  // namespace dsode::kernels
