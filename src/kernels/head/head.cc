#include "kernels/head/head.h"

#include "kernels/cpu.h"

namespace dsode::kernels {

std::span<const HeadKernel> head_kernels() {
  static const std::vector<HeadKernel> kernels = DSODE_KERNELS(Head, avx512);
  return kernels;
}

}  // namespace dsode::kernels
