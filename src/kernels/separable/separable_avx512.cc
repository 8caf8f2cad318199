#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_avx512{"avx512", {kBlock}, separable<RowProduct<float>>};
const SeparableKernel kSeparableBf16_avx512{"avx512", {kBlock, kBf16Group}, separable<RowProduct<Bf16>>};

}  // namespace dsode::kernels
