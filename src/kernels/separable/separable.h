// Half of an ODE block's function, or a transition, on one map in one sweep over its rows: norm and ReLU,
// depthwise 3x3 with zero padding, pointwise, bias:
//   r = pointwise(depthwise(max(0, scale x + shift))) + bias,  then y = r or y = base + r.
// The maps between norm and pointwise product never exist: three rows of them live in L1.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/cpu.h"
#include "kernels/separable/separable_isa.h"

namespace dsode::kernels {

// Those that this CPU can run, the fastest first; the scalar one is the last. With kBf16 the operands of the
// pointwise product are rounded to bf16; its sums and all else stay floats.
std::span<const SeparableKernel> separable_kernels(Precision precision = Precision::kFp32);

size_t separable_scratch(int width, int in);

}  // namespace dsode::kernels
