// This project's step: channels_last, norm with ReLU in one pass, time as a bias, steps recomputed in the
// backward pass, freed memory kept.
#include "bench/training/contestant.h"
#include "model/network.h"
#include "train/optimizer.h"
#include "train/tensors.h"

namespace dsode::bench {

namespace {

// Far beyond any run: the schedule costs the same at every step.
constexpr int64_t kTotalSteps = 1'000'000;

class Ours : public Contestant {
 public:
  Ours(const ir::ModelSpec& spec, model::Gradient gradient, model::Kernels kernels)
      : network_(spec), optimizer_(network_->parameters(), {}, kTotalSteps) {
    network_->set_gradient(gradient, kernels);
  }

  std::vector<torch::Tensor> parameters() override { return network_->parameters(); }
  torch::Tensor layout(const torch::Tensor& images) const override {
    return images.contiguous(at::MemoryFormat::ChannelsLast);
  }
  void evaluate() override { network_->eval(); }
  torch::Tensor logits(const torch::Tensor& images) override { return network_->forward(images); }

  double step(const torch::Tensor& images, const torch::Tensor& labels) override {
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits(images), labels);
    const double value = loss.item<double>();
    loss.backward();
    optimizer_.step(at_++);
    return value;
  }

 private:
  model::Network network_;
  train::Optimizer optimizer_;
  int64_t at_ = 0;
};

}  // namespace

std::unique_ptr<Contestant> make_ours(const ir::ModelSpec& spec, model::Gradient gradient,
                                      model::Kernels kernels) {
  train::keep_allocator_warm();
  return std::make_unique<Ours>(spec, gradient, kernels);
}

}  // namespace dsode::bench
