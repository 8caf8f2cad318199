// The integer interpreter by its name here: the oracle of what quantisation makes.
#pragma once

#include "ir/golden.h"

namespace dsode::quant {

using ir::integer::Golden;
using ir::integer::Observer;
using ir::integer::rsh;
using ir::integer::Saturation;

}  // namespace dsode::quant
