#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_scalar{"scalar", {kBlock}, separable};

}  // namespace dsode::kernels
