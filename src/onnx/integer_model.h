// The integer model as ONNX with QuantizeLinear and DequantizeLinear around each operation (QDQ), every
// solver step unrolled: runtimes with integer kernels fuse these, any other computes the same in floats.
#pragma once

#include "ir/int_graph.h"
#include "onnx/model.h"

namespace dsode::onnx {

// Values are integers of docs/numerics.md throughout, activations of step 1: a weight's scale is its
// multiplier's value, multiplier 2^-shift. The state, of 16 bits, has no type in operator set 13 and is
// rounded and clamped in floats. Scores differ from the golden interpreter's where ties round to even, and
// where a sum in floats is rounded. Throws bad_input where the unrolled graph is beyond what ONNX files are
// for, or activations have other than 8 bits.
Model integer_model(const ir::integer::Graph& graph);

}  // namespace dsode::onnx
