#include <algorithm>

#include "kernels/cpu.h"

namespace dsode::kernels {

AlignedVector<float> pack_product(std::span<const float> weight, int out, int block) {
  const size_t rows = weight.size() / static_cast<size_t>(out);
  AlignedVector<float> packed;
  packed.reserve(weight.size());
  for (int first = 0; first < out; first += block)
    for (size_t c = 0; c < rows; ++c) {
      const float* row = weight.data() + c * static_cast<size_t>(out);
      packed.insert(packed.end(), row + first, row + std::min(first + block, out));
    }
  return packed;
}

}  // namespace dsode::kernels
