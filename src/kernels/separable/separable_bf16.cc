#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparableBf16_bf16{"avx512bf16", {kBlock, kBf16Group}, separable<RowProduct<Bf16>>};

}  // namespace dsode::kernels
