// The one interface behind which every way of running a model stands: torch, graph interpreter, integers,
// hardware.
#pragma once

#include <vector>

#include "data/dataset.h"

namespace dsode::eval {

// Row-major results for N images.
struct Outputs {
  int n = 0, classes = 0, width = 0;
  std::vector<float> logits;    // [n, classes]
  std::vector<float> features;  // [n, width] pooled features; empty where an engine has none to show
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Runs every image; `images` have the model's input shape.
  virtual Outputs run(const data::Images& images) = 0;
};

// Softmax probabilities [n, classes].
std::vector<float> softmax(const Outputs& outputs);
// Index of the largest logit, one an image.
std::vector<int> predictions(const Outputs& outputs);

}  // namespace dsode::eval
