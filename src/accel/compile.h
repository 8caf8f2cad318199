// From an integer model to the accelerator's program.
#pragma once

#include "accel/program.h"

namespace dsode::accel {

// Throws bad_input naming `origin`, the operation and the target's limit where the model does not fit.
Program compile(const ir::integer::Graph& graph, const Target& target, const std::string& origin = "model");

}  // namespace dsode::accel
