// What a kernel of dense.h is given, and one kernel an instruction set, each from a file of its own. Plain C,
// see simd.h.
#pragma once

#include "kernels/packing.h"

namespace dsode::kernels {

struct Dense {
  int height, width, in, out,
      size = 3, stride = 1;       // x [height,width,in], y [ceil(height/stride),ceil(width/stride),out]
  int begin, end;                 // the rows of y to make
  const float* weight = nullptr;  // [size,size,in,out], pack_product() for the kernel
  const float* bias = nullptr;    // [9,out], by the border class of y's pixel as in ir/graph.h; or none
  const float* base = nullptr;    // what is added, as y is: y itself perhaps, or none
  bool relu = false;              // max(0, result), after that
};

// The gradients of a convolution's parameters, added to what is there.
struct DenseSums {
  float* weight;  // [size,size,in,out]
  float* bias;    // [out], or none
};

struct DenseKernel {
  const char* isa;
  Packing packing;
  // `scratch` holds dense_scratch() floats; x and y do not overlap.
  void (*run)(const Dense& op, const float* x, float* y, float* scratch) noexcept;
  // From the gradient gy by rows [begin, end) of y; op's weight, bias and what follows play no part.
  void (*gradient)(const Dense& op, const float* x, const float* gy, const DenseSums& sums,
                   float* scratch) noexcept;
};

extern const DenseKernel kDense_avx512, kDense_avx2, kDense_neon, kDense_scalar;

}  // namespace dsode::kernels
