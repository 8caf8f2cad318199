#include "kernels/dense/dense_body.h"

namespace dsode::kernels {

const DenseKernel kDense_avx2{"avx2", {kBlock}, dense};

}  // namespace dsode::kernels
