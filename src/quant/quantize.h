// From a float graph and the scales of its maps and weights to the integer model: deterministic, without
// images.
#pragma once

#include <algorithm>
#include <cmath>

#include "quant/unit.h"

namespace dsode::quant {

// x in steps of `scale`, rounded half up and saturated.
inline int quantized(double x, double scale, int lo, int hi) {
  return static_cast<int>(std::clamp(std::floor(x / scale + 0.5), double(lo), double(hi)));
}

// The weights of `unit` for operands in integer steps: each times the step of its input channel, which
// `scales` holds, or the normalisation of pixels. Their own scale is that of element i % (number of scales).
ir::Floats operand_weights(const Unit& unit, const Scales& scales, const ir::ModelSpec& spec);

// Throws bad_input naming the operation where the network has no integer form, or a factor no encoding.
ir::integer::Graph quantize(const ir::Graph& graph, const Scales& scales, const ir::integer::Bits& bits);

}  // namespace dsode::quant
