// The float graph as ONNX, every solver step unrolled. The steps share the weights of their block.
#pragma once

#include "ir/graph.h"
#include "onnx/model.h"

namespace dsode::onnx {

// Throws bad_input where the unrolled graph is beyond what ONNX files are for.
Model float_model(const ir::Graph& graph);

}  // namespace dsode::onnx
