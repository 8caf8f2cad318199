// Differentiation through an ODE block without keeping the inside of every solver step.
#pragma once

#include "model/ode_block.h"

namespace dsode::model {

// The block's output with the exact gradient of its discrete steps; the backward pass recomputes each step's
// inside.
torch::Tensor solve_checkpointed(OdeBlockImpl& block, const torch::Tensor& z);

// The block's output with the gradient of the continuous adjoint equations, integrated backwards in the same
// steps.
torch::Tensor solve_adjoint(OdeBlockImpl& block, const torch::Tensor& z);

}  // namespace dsode::model
