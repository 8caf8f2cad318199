// What the kernels of integer.h are given, and one set of kernels an instruction set, each from a file of its
// own. Plain C, see simd.h. Channels are multiples of 16; where a kernel works on signed activations, they
// are stored plus kSignedZero.
#pragma once

#include <stdint.h>

#include "kernels/packing.h"

namespace dsode::kernels {

constexpr int kSignedZero = 128;

// Of each channel: rsh(acc multiplier, shift) of docs/numerics.md, made by RescalePlan.
struct Rescale {
  const int32_t* multiplier;    // shifted to the left, so that the result is the upper half of the product
  const int32_t *bound, *left;  // none, or acc is clamped to +-bound and shifted to the left first
  int64_t rounding;             // added to the product
  int right;                    // by which the upper half is shifted to the right
  const float* scale;           // none, or the result is floor(acc scale + plus), a float's sum rounded down
  float plus;
};

// clamp((scale z + offset) >> shift, lo, hi): the affine operation, rounding and the zero in its offset.
struct IntegerNorm {
  const int16_t* scale;        // [C]
  const int32_t* offset;       // [C], or none
  const int64_t* wide_offset;  // where 32 bits do not hold every sum
  int shift, lo, hi;
};

// The product of a row of operands, u8, with a matrix, and what follows it:
// clamp(rescaled(line weight + bias) + base, lo, hi).
struct IntegerProduct {
  int out;
  const int8_t* weight;  // pack_product() for the kernels
  const int32_t* bias;   // [9,out], by the border class of y's pixel as in ir/graph.h, or [out]
  int border;            // out, or 0 where the border plays no part
  Rescale rescale;       // [out]
  bool state;            // y is s16, else u8
  const int16_t* base;   // as y: what is added, y itself perhaps, or none
  int lo, hi;
};

// Norm, or an activation as it is, depthwise 3x3 with zero padding, pointwise.
struct IntegerSeparable {
  int height, width, in, stride;  // x [height,width,in], y [ceil(height/stride),ceil(width/stride),out]
  int begin, end;                 // the rows of y to make
  const IntegerNorm* norm;        // x is a state, s16; or none: x is an activation, u8
  int zero;                       // the stored activation that means 0: what the padding holds
  const int8_t* depthwise;        // [3,3,in]
  const int32_t* depthwise_bias;  // [in], -zero times the sum of the weights
  Rescale depthwise_rescale;      // [in], plus kSignedZero
  int depthwise_lo, depthwise_hi;
  IntegerProduct product;
  uint8_t *activations, *operands;  // none, or where these maps are to be seen: [height,width,in], [..,in]
};

// Dense 3x3, the padding holds `zero`: pixels -> state.
struct IntegerStem {
  int height, width, in;
  int begin, end;
  const uint8_t* zero;     // [in]
  IntegerProduct product;  // of [3,3,in], zeros behind up to a multiple of 4
};

// The sum over all pixels of the norm's activations: state [pixels,channels] -> s32 [channels].
struct IntegerPool {
  int pixels, channels;
  IntegerNorm norm;
  uint8_t* activations;  // none, or where this map is to be seen
};

struct IntegerKernel {
  const char* isa;
  Packing packing;
  // `scratch` holds integer_scratch() bytes; x and y do not overlap.
  void (*separable)(const IntegerSeparable& op, const void* x, void* y, void* scratch) noexcept;
  void (*stem)(const IntegerStem& op, const uint8_t* x, int16_t* y, void* scratch) noexcept;
  void (*pool)(const IntegerPool& op, const int16_t* x, int32_t* sums) noexcept;
};

extern const IntegerKernel kInteger_amx, kInteger_vnni, kInteger_avx2, kInteger_neon, kInteger_scalar;

}  // namespace dsode::kernels
