// Exponential moving average of weights.
#pragma once

#include "model/network.h"

namespace dsode::train {

// average = decay * average + (1 - decay) * weights; buffers are copied.
inline void update_average(model::Network& average, model::Network& network, double decay) {
  const torch::NoGradGuard no_grad;
  auto parameters = network->parameters(), averages = average->parameters();
  for (size_t i = 0; i < parameters.size(); ++i) averages[i].lerp_(parameters[i], 1 - decay);
  auto buffers = network->buffers(), copies = average->buffers();
  for (size_t i = 0; i < buffers.size(); ++i) copies[i].copy_(buffers[i]);
}

}  // namespace dsode::train
