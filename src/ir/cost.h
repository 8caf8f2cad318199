// What a model costs: parameters, multiply-accumulates and training memory, layer by layer, from its spec
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/spec.h"

namespace dsode::ir {

// The paper's pre- and post-processing layers (stem, head) and the core between them.
enum class Part { kStem, kCore, kHead };

struct LayerCost {
  std::string name;    // "stage1", "transition1", ...
  std::string detail;  // "4 x euler: dw3x3, pw 16->16"
  Part part;
  Shape output;
  int64_t params = 0;  // learnable ones
  int64_t macs = 0;    // one image, all solver steps; norms, ReLUs and additions not counted
};

struct ModelCost {
  std::vector<LayerCost> layers;
  int64_t params = 0, params_core = 0, macs = 0;
};

ModelCost cost(const ModelSpec& spec);

// 100 (1 - core / core of `family` with the same widths and steps).
double core_reduction(const ModelSpec& spec, const std::string& family);
// The same against a resnet of `blocks` blocks a stage.
double core_reduction_vs_resnet(const ModelSpec& spec, int blocks);

// Bytes of float32 feature maps that a training step of `batch` images keeps for its backward pass:
// `checkpoint` keeps z at each solver step and the inside of one, `full` the inside of all.
int64_t training_bytes(const ModelSpec& spec, int batch, const std::string& gradient);

}  // namespace dsode::ir
