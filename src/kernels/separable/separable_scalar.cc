#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_scalar{"scalar", {kBlock}, separable<RowProduct<float>>};
const SeparableKernel kSeparableBf16_scalar{"scalar", {kBlock, kBf16Group}, separable<RowProduct<Bf16>>};

}  // namespace dsode::kernels
