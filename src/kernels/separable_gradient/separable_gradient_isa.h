// What a kernel of separable_gradient.h is given, and one kernel an instruction set, each from a file of its
// own. Plain C, see simd.h.
#pragma once

#include "kernels/packing.h"

namespace dsode::kernels {

// What comes back through a batch norm of v: scale g + offset + slope (v - mean), [C] but for the maps g and
// v.
struct NormGradient {
  const float *g = nullptr, *v = nullptr;  // none: nothing comes
  const float *scale = nullptr, *offset = nullptr, *slope = nullptr, *mean = nullptr;
};

// Sums over the pixels, added to what is there.
struct SeparableSums {
  float *g, *gx;     // [in]: of g, of g (x - mean); none without a norm
  float* depthwise;  // [3,3,in]: gradient of the weights
  float* pointwise;  // [in,out]: gradient of the weights
  float* bias;       // [9,out]: of gy by border class, or none
};

struct SeparableGradient {
  int height, width, in, out,
      stride = 1;  // x, g [height,width,in]; gy [ceil(height/stride),ceil(width/stride),out]
  const float *scale = nullptr, *shift = nullptr, *mean = nullptr;  // [in]; none: the convolutions alone
  const float* depthwise;                                           // [3,3,in]
  const void* transposed;  // [out,in], pack_pointwise() for the kernel
  NormGradient through;    // gy, what comes through the norm behind y
  float* past = nullptr;   // and past it, where not none; holds all of gy afterwards
};

struct SeparableGradientKernel {
  const char* isa;
  Packing packing;
  // `scratch` holds separable_gradient_scratch() floats. `g` may be through.g.
  void (*run)(const SeparableGradient& op, const float* x, float* g, const SeparableSums& sums,
              float* scratch) noexcept;
  // past += what comes through the norm, of `pixels` pixels of `channels` channels.
  void (*pass)(const NormGradient& through, int pixels, int channels, float* past) noexcept;
};

extern const SeparableGradientKernel kSeparableGradient_avx512, kSeparableGradient_avx2,
    kSeparableGradient_neon, kSeparableGradient_scalar;

// The operands of both pointwise products are rounded to bf16, their sums are floats.
using SeparableGradientBf16Kernel = SeparableGradientKernel;
extern const SeparableGradientKernel kSeparableGradientBf16_amx, kSeparableGradientBf16_bf16,
    kSeparableGradientBf16_avx512, kSeparableGradientBf16_avx2, kSeparableGradientBf16_neon,
    kSeparableGradientBf16_scalar;

}  // namespace dsode::kernels
