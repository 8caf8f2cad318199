// The plain scalar interpreter of a graph: the oracle of every kernel, of calibration and of the integer
// model.
#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"

namespace dsode::ir {

// Sees, and may change, what an operation is about to read and what it has written.
class Probe {
 public:
  virtual ~Probe() = default;
  // The result of `op` in evaluation `evaluation` of its loop (0 outside of one), [H,W,C].
  virtual void after(const Op& /*op*/, int /*evaluation*/, Shape /*shape*/, std::span<float> /*map*/) {}
  // The state of `loop` where a solver stage reads it, and once more when the loop ends.
  virtual void state(const Op& /*loop*/, Shape /*shape*/, std::span<float> /*map*/) {}
};

struct Scores {
  std::vector<float> logits;    // [classes]
  std::vector<float> features;  // [C], the classifier's input
};

// `image` [H,W,C] normalised: (u8 / 255 - mean) / std.
Scores interpret(const Graph& graph, std::span<const float> image, Probe* probe = nullptr);

// The network's input for a pixel's value, 0..255, in channel `c`.
inline float normalized(const Normalization& normalization, float pixel, size_t c) {
  return (pixel / 255.0F - normalization.mean[c]) / normalization.std[c];
}

// The network's input for pixels [H,W,C].
Floats normalized(const ModelSpec& spec, std::span<const uint8_t> pixels);
Floats normalized(const ModelSpec& spec, std::span<const float> pixels);

}  // namespace dsode::ir
