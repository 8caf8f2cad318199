// Runs a float graph on the kernels: planned once, nothing allocated afterwards.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "run/convolution.h"

namespace dsode::run {

// z(1) of an ODE block, two convolutions a slope.
struct Block {
  const ode::Tableau* tableau;
  int steps;
  std::vector<Convolution> halves;  // two
};

// Norm, ReLU, mean over the pixels, linear.
struct Head {
  Shape in;
  ir::Floats scale, shift, weight, bias;  // [C], [C], [C,classes], [classes]
};

class Executor {
 public:
  // Nothing, and the reason, where the kernels do not cover the graph.
  static std::optional<Executor> plan(const ir::Graph& graph, std::string& reason);

  // What one thread needs beside the executor.
  using Arena = AlignedVector<float>;
  Arena arena() const { return Arena(maps_ * map_ + scratch_); }

  // `pixels` [H,W,C] of the model's input, `logits` [classes], `features` [C] the classifier's input.
  void run(std::span<const uint8_t> pixels, Arena& arena, std::span<float> logits,
           std::span<float> features) const noexcept;

 private:
  bool add(const ir::Graph& graph, std::string& reason);
  void count(const Convolution& convolution);
  void solve(const Block& block, float* z, float* const* free, float* scratch) const noexcept;

  ir::Floats inputs_;  // [256,C]: what a pixel's value is to the network
  std::vector<std::variant<Convolution, Block, Head>> parts_;
  size_t map_ = 0, maps_ = 2, scratch_ = 0;  // floats of a map, maps, floats of scratch
};

}  // namespace dsode::run
