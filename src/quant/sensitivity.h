// How much each layer's quantisation alone changes what the network says.
#pragma once

#include "data/dataset.h"
#include "quant/unit.h"

namespace dsode::quant {

struct LayerSensitivity {
  std::string name;        // of the integer operation
  double signal_to_noise;  // of the logits, in dB, with this layer alone quantised; infinite where nothing
                           // changes
  double agreement;        // percent of the images that keep their prediction
};

// By fake quantisation of one unit (weights and map) at a time. A loop's row is its state alone; the last
// row, "all", is the whole network.
std::vector<LayerSensitivity> sensitivity(const ir::Graph& graph, const Scales& scales,
                                          const ir::integer::Bits& bits, const data::Images& images,
                                          int threads);

}  // namespace dsode::quant
