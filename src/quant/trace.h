// Every map that images make in the integer model, for comparison with another implementation: the section
// "Traces" of docs/numerics.md.
#pragma once

#include "data/dataset.h"
#include "quant/golden.h"

namespace dsode::quant {

ir::SafeTensors trace(Golden& model, const data::Images& images);

}  // namespace dsode::quant
