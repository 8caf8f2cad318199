#include "kernels/dense/dense_body.h"

namespace dsode::kernels {

const DenseKernel kDense_avx2{"avx2", {kBlock}, dense, dense_gradient};

}  // namespace dsode::kernels
