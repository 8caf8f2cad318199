#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_neon{"neon", {kBlock}, separable};

}  // namespace dsode::kernels
