#include "kernels/dense/dense_body.h"

namespace dsode::kernels {

const DenseKernel kDense_avx512{"avx512", {kBlock}, dense, dense_gradient};

}  // namespace dsode::kernels
