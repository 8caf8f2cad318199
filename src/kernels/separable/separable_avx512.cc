#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_avx512{"avx512", {kBlock}, separable};

}  // namespace dsode::kernels
