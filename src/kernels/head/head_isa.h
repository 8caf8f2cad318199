// What a kernel of head.h is given, and one kernel an instruction set, each from a file of its own. Plain C,
// see simd.h.
#pragma once

#include "kernels/packing.h"

namespace dsode::kernels {

struct Head {
  int pixels, channels;        // x [pixels,channels], channels a multiple of 16
  const float *scale, *shift;  // [channels]
  int classes = 0;             // a multiple of 16, those behind the last one zeros
  const float *weight = nullptr,
              *bias = nullptr;  // [channels,classes], pack_product() for the kernel; [classes]
};

// The gradient by x where that by scale x + shift is g: scale g + offset + slope (x - mean), [channels] each.
struct HeadNorm {
  const float *scale, *offset, *slope, *mean;
};

struct HeadKernel {
  const char* isa;
  Packing packing;
  // features [channels] and, where there are classes, scores [classes].
  void (*run)(const Head& op, const float* x, float* features, float* scores) noexcept;
  // Adds to g and gx [channels] the sums over the pixels of g and of g (x - mean), where g is the gradient by
  // scale x + shift that comes from `features` [channels], the one by the features.
  void (*sums)(const Head& op, const float* x, const float* features, const float* mean, float* g,
               float* gx) noexcept;
  // The gradient by x, [pixels,channels].
  void (*gradient)(const Head& op, const float* x, const float* features, const HeadNorm& norm,
                   float* g) noexcept;
};

extern const HeadKernel kHead_avx512, kHead_avx2, kHead_neon, kHead_scalar;

}  // namespace dsode::kernels
