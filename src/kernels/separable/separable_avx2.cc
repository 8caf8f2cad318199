#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_avx2{"avx2", {kBlock}, separable<RowProduct<float>>};
const SeparableKernel kSeparableBf16_avx2{"avx2", {kBlock, kBf16Group}, separable<RowProduct<Bf16>>};

}  // namespace dsode::kernels
