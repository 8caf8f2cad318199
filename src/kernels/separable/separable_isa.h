// What a kernel of separable.h is given, and one kernel an instruction set, each from a file of its own.
// Plain C, see simd.h.
#pragma once

#include "kernels/packing.h"

namespace dsode::kernels {

struct Separable {
  int height, width, in, out,
      stride = 1;  // x [height,width,in], y [ceil(height/stride),ceil(width/stride),out]
  int begin, end;  // the rows of y to make
  const float *scale = nullptr, *shift = nullptr;  // [in], or none: x as it is, without ReLU
  const float* depthwise;                          // [3,3,in]
  const void* pointwise;                           // pack_pointwise() for the kernel
  const float* bias;            // [9,out], by the border class of y's pixel as in ir/graph.h
  const float* base = nullptr;  // what is added, as y is: y itself perhaps, or none
  bool relu = false;            // max(0, result), after that
  bool far = false;             // the maps lie in memory rather than in a cache
};

struct SeparableKernel {
  const char* isa;
  Packing packing;
  // `scratch` holds separable_scratch() floats; x and y do not overlap.
  void (*run)(const Separable& op, const float* x, float* y, float* scratch) noexcept;
};

extern const SeparableKernel kSeparable_avx512, kSeparable_avx2, kSeparable_neon, kSeparable_scalar;

// The pointwise product's operands are rounded to bf16, its sums are floats.
using SeparableBf16Kernel = SeparableKernel;
extern const SeparableKernel kSeparableBf16_amx, kSeparableBf16_bf16, kSeparableBf16_avx512,
    kSeparableBf16_avx2, kSeparableBf16_neon, kSeparableBf16_scalar;

}  // namespace dsode::kernels
