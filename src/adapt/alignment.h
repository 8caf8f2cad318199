// The loop that feature-alignment methods share: source cross-entropy plus a penalty between the domains'
// features.
#pragma once

#include "adapt/method.h"
#include "train/optimizer.h"

namespace dsode::adapt {

class Alignment : public Method {
 public:
  double run_epoch(int epoch) final;

 protected:
  // `extra`: parameters trained beside the network's, such as a discriminator's.
  Alignment(const Setting& setting, const std::vector<torch::Tensor>& extra = {});
  // Distance of the domains from features [B,D] of each; `progress` in [0,1] over the whole adaptation.
  virtual torch::Tensor penalty(const torch::Tensor& source, const torch::Tensor& target,
                                double progress) = 0;

 private:
  Setting setting_;
  train::Optimizer optimizer_;
  int64_t step_ = 0, total_steps_;
};

}  // namespace dsode::adapt
