#include "kernels/integer/integer_body.h"

namespace dsode::kernels {

const IntegerKernel kInteger_scalar{
    "scalar", {kBlock, kGroup}, separable<RowProducts>, stem<RowProducts>, pool};

}  // namespace dsode::kernels
