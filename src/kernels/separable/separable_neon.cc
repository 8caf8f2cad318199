#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_neon{"neon", {kBlock}, separable<RowProduct<float>>};
const SeparableKernel kSeparableBf16_neon{"neon", {kBlock, kBf16Group}, separable<RowProduct<Bf16>>};

}  // namespace dsode::kernels
