#include "kernels/head/head_body.h"

namespace dsode::kernels {

const HeadKernel kHead_neon{"neon", {kBlock}, head, head_sums, head_gradient};

}  // namespace dsode::kernels
