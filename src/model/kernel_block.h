// An ODE block on the kernels of kernels/separable and separable_gradient instead of libtorch's operations.
#pragma once

#include <string>

#include "kernels/cpu.h"
#include "model/ode_block.h"

namespace dsode::model {

// Why the kernels do not cover the block on maps like z; empty where they do: separable convolutions, Euler's
// steps, batch norm or none, widths that are multiples of 16, floats on the CPU.
std::string kernels_refuse(OdeBlockImpl& block, const torch::Tensor& z);

// The block's output, [N,C,H,W] channels last. Its gradient is that of the discrete steps: z is kept a step,
// and the map between a step's convolutions too where `keep_inside`, or else made again in the backward pass.
torch::Tensor solve_on_kernels(OdeBlockImpl& block, const torch::Tensor& z, bool keep_inside,
                               kernels::Precision precision);

}  // namespace dsode::model
