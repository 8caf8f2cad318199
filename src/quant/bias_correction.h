// What rounding the weights takes from the mean of each convolution, given back.
#pragma once

#include "data/dataset.h"
#include "quant/unit.h"

namespace dsode::quant {

// Adds E[(w - w_q) x], by evaluation and channel, to what follows each convolution: a norm's bias or its own
// (Nagel et al. 2019, arXiv 1906.04721, section 4.2). E[x] is the operand's mean over the images; what the
// border cuts off is left out.
ir::Graph correct_biases(const ir::Graph& graph, const Scales& scales, const ir::integer::Bits& bits,
                         const data::Images& images);

}  // namespace dsode::quant
