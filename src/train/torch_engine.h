// The reference engine: the trained network in libtorch.
#pragma once

#include "eval/engine.h"
#include "model/network.h"

namespace dsode::train {

class TorchEngine : public eval::Engine {
 public:
  // `statistics`: which ones the norms use; the batch's own make a result depend on batch size and order.
  explicit TorchEngine(model::Network network, model::Statistics statistics = model::Statistics::kRunning,
                       int batch_size = 256);
  eval::Outputs run(const data::Images& images) override;

 private:
  model::Network network_;
  model::Statistics statistics_;
  int batch_size_;
};

}  // namespace dsode::train
