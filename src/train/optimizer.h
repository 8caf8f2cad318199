// Optimisers with their schedule, gradient clipping and a state that can be saved.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "train/options.h"

namespace dsode::train {

// Learning-rate factor in [0, 1] of step `step` of `total`: linear warm-up, then cosine to 0, a tenth at 1/2
// and a hundredth at 3/4 (step), or constant.
double schedule_factor(const OptimizerOptions& options, int64_t step, int64_t total);

class Optimizer {
 public:
  Optimizer(std::vector<torch::Tensor> parameters, const OptimizerOptions& options, int64_t total_steps);
  // Clips, steps at the rate of step `step`, and clears the gradients.
  void step(int64_t step);
  void zero_grad() { optimizer_->zero_grad(); }
  double rate(int64_t step) const;

  // torch's own serialised state, opaque.
  std::vector<uint8_t> state() const;
  // Throws bad_input naming `origin` on bytes that are not such a state.
  void restore(std::span<const uint8_t> bytes, const std::string& origin);

 private:
  OptimizerOptions options_;
  int64_t total_steps_;
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
};

}  // namespace dsode::train
