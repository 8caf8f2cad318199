#include "bench/inference/contestant.h"
#include "bench/training/contestant.h"
#include "model/network.h"
#include "train/tensors.h"
#include "train/torch_engine.h"

namespace dsode::bench {

namespace {

// What `dsodenet eval --engine torch` does with one batch.
class Libtorch : public Runner {
 public:
  explicit Libtorch(const ir::ModelSpec& spec) : network_(spec) {
    network_->set_gradient(model::Gradient::kFull, model::Kernels::kOff);
  }
  void run(const data::Images& images) override { train::TorchEngine(network_).run(images); }

 private:
  model::Network network_;
};

// From tensors of floats: what makes them of pixels is not counted.
class Plain : public Runner {
 public:
  explicit Plain(const ir::ModelSpec& spec) : contestant_(make_libtorch_plain(spec)) {
    contestant_->evaluate();
  }
  void run(const data::Images& images) override {
    const torch::NoGradGuard no_grad;
    if (!images_.defined())
      images_ = torch::randn({images.n, images.shape.c, images.shape.h, images.shape.w});
    contestant_->logits(images_);
  }

 private:
  std::unique_ptr<Contestant> contestant_;
  torch::Tensor images_;
};

}  // namespace

std::unique_ptr<Runner> make_libtorch(const ir::ModelSpec& spec, int threads) {
  torch::set_num_threads(threads);
  train::keep_allocator_warm();
  return std::make_unique<Libtorch>(spec);
}

std::unique_ptr<Runner> make_libtorch_plain_runner(const ir::ModelSpec& spec, int threads) {
  torch::set_num_threads(threads);
  return std::make_unique<Plain>(spec);
}

}  // namespace dsode::bench
