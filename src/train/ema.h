// Exponential moving average of weights.
#pragma once

#include "model/network.h"

namespace dsode::train {

class Ema {
 public:
  Ema(model::Network& network, double decay) : decay_(decay), average_(model::clone(network)) {
    average_->eval();
  }

  // average = decay * average + (1 - decay) * weights; buffers are copied.
  void update(model::Network& network) {
    const torch::NoGradGuard no_grad;
    auto parameters = network->parameters(), averages = average_->parameters();
    for (size_t i = 0; i < parameters.size(); ++i) averages[i].lerp_(parameters[i], 1 - decay_);
    auto buffers = network->buffers(), copies = average_->buffers();
    for (size_t i = 0; i < buffers.size(); ++i) copies[i].copy_(buffers[i]);
  }
  model::Network& network() { return average_; }

 private:
  double decay_;
  model::Network average_;
};

}  // namespace dsode::train
