#include "kernels/head/head_body.h"

namespace dsode::kernels {

const HeadKernel kHead_avx512{"avx512", {kBlock}, head, head_sums, head_gradient};

}  // namespace dsode::kernels
