// The gradient of separable.h on one map in one sweep over its rows; a stride of 2 goes without a norm. Given
// the gradient gy by y, with a = max(0, scale x + shift) and d = depthwise(a) made again from x:
//   gd = gy pointwise^T,   g = depthwise^T(gd) where a > 0, else 0   (the gradient by scale x + shift),
// and the sums over all pixels that the parameters' gradients are made of.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/cpu.h"
#include "kernels/separable_gradient/separable_gradient_isa.h"

namespace dsode::kernels {

// Those that this CPU can run, the fastest first; the scalar one is the last.
std::span<const SeparableGradientKernel> separable_gradient_kernels(Precision precision = Precision::kFp32);

size_t separable_gradient_scratch(int width, int in, int out);

}  // namespace dsode::kernels
