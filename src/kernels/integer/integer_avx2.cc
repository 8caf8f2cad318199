#include "kernels/integer/integer_body.h"

namespace dsode::kernels {

const IntegerKernel kInteger_avx2{"avx2", {kBlock, kGroup}, separable<RowProducts>, stem<RowProducts>, pool};

}  // namespace dsode::kernels
