#include "kernels/integer/integer_body.h"

namespace dsode::kernels {

const IntegerKernel kInteger_vnni{"vnni", {kBlock, kGroup}, separable<RowProducts>, stem<RowProducts>, pool};

}  // namespace dsode::kernels
