#include "kernels/separable_gradient/separable_gradient_body.h"

namespace dsode::kernels {

const SeparableGradientKernel kSeparableGradientBf16_bf16{
    "avx512bf16", {kBlock, kBf16Group}, separable_gradient<VectorProducts<Bf16>>, pass};

}  // namespace dsode::kernels
