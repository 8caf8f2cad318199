#include "kernels/separable/separable_body.h"

namespace dsode::kernels {

const SeparableKernel kSeparable_avx2{"avx2", {kBlock}, separable};

}  // namespace dsode::kernels
