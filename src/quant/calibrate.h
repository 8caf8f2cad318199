// Ranges of everything an integer model holds, from unlabelled images run through the float graph.
#pragma once

#include <string>

#include "data/dataset.h"
#include "quant/unit.h"

namespace dsode::quant {

struct CalibrationOptions {
  std::string ranges = "mse";  // least squared error, or "percentile"
  double percentile = 99.99;   // of |x|, by channel
};

// Scales for `bits`, by channel, the state's with one bit of headroom. Images have the graph's input shape.
// Throws bad_input where they are none or all of one colour, or where an operation of the graph gives NaN or
// infinity.
Scales calibrate(const ir::Graph& graph, const data::UnlabelledSet& set, const ir::integer::Bits& bits,
                 const CalibrationOptions& options = {});

}  // namespace dsode::quant
