// Generated integer models and images that go to the limits of docs/numerics.md: odd sizes, saturating
// states, extreme weights, biases, multipliers and shifts. Every implementation of the integers is run on
// them.
#pragma once

#include "data/dataset.h"
#include "ir/int_graph.h"

namespace dsode::quant {

inline constexpr uint64_t kVectors =
    256;  // seeds 0 to 255 are the set that is kept; any other seed is as good

struct Vector {
  ir::integer::Graph model;  // passes ir::integer::check
  data::Images images;
};

// The same on every machine.
Vector make_vector(uint64_t seed);

}  // namespace dsode::quant
