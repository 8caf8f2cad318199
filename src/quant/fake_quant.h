// The float graph computed as its integer model would be: weights and maps rounded to their steps.
#pragma once

#include <functional>

#include "ir/interpret.h"
#include "quant/unit.h"

namespace dsode::quant {

// The real values that the integer weights of `unit` mean.
ir::Floats rounded_weights(const Unit& unit, const Scales& scales, const ir::ModelSpec& spec, int max);

class FakeQuant {
 public:
  // Quantises the units that `chosen` names (all where it is empty). `graph` is copied.
  FakeQuant(const ir::Graph& graph, const Scales& scales, const ir::integer::Bits& bits,
            const std::function<bool(const Unit&)>& chosen = {});

  // `image` as for ir::interpret; `watch` sees the maps of this graph's operations, which have the names of
  // the graph that was given.
  ir::Scores run(std::span<const float> image, ir::Probe* watch = nullptr) const;

 private:
  struct Rounding {
    ir::Floats steps;
    Range range;
  };
  class Rounder;

  ir::Graph graph_;
  std::map<std::string, Rounding> maps_;    // by the operation that gives the map
  std::map<std::string, Rounding> states_;  // by loop
};

}  // namespace dsode::quant
