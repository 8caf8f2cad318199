#include "kernels/separable_gradient/separable_gradient_body.h"

namespace dsode::kernels {

const SeparableGradientKernel kSeparableGradient_avx512{"avx512", {kBlock}, separable_gradient, pass};

}  // namespace dsode::kernels
