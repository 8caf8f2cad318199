#include "kernels/separable_gradient/separable_gradient_body.h"

namespace dsode::kernels {

const SeparableGradientKernel kSeparableGradient_avx2{
    "avx2", {kBlock}, separable_gradient<VectorProducts<float>>, pass};
const SeparableGradientKernel kSeparableGradientBf16_avx2{
    "avx2", {kBlock, kBf16Group}, separable_gradient<VectorProducts<Bf16>>, pass};

}  // namespace dsode::kernels
