#include "kernels/dense/dense_body.h"

namespace dsode::kernels {

const DenseKernel kDense_scalar{"scalar", {kBlock}, dense, dense_gradient};

}  // namespace dsode::kernels
