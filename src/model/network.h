// The whole classifier: stem, one stage a width with transitions between, head.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "ir/spec.h"
#include "model/ode_block.h"

namespace dsode::model {

class NetworkImpl : public torch::nn::Module {
 public:
  // Draws the weights from torch's generator: call torch::manual_seed first.
  explicit NetworkImpl(ir::ModelSpec spec);

  // x [N,C,H,W] normalised floats, channels_last preferred -> logits [N,classes].
  torch::Tensor forward(const torch::Tensor& x);
  // Pooled features [N,width of the last stage], the input of the linear classifier.
  torch::Tensor features(const torch::Tensor& x);
  torch::Tensor classify(const torch::Tensor& features);

  const ir::ModelSpec& spec() const { return spec_; }
  void set_normalization(const Normalization& normalization) { spec_.normalization = normalization; }
  // How the ODE blocks are differentiated, and what of the network this project's kernels run.
  void set_gradient(Gradient gradient, Kernels kernels = Kernels::kOn);
  // Why the kernels do not cover the ODE blocks; empty where they do.
  std::string uncovered();
  // Every norm of the network, in forward order.
  std::vector<NormRelu> norms();
  std::vector<torch::Tensor> classifier_parameters() { return classifier_->parameters(); }
  // Evaluations of f in the last forward pass, over all ODE blocks.
  int evaluations() const;

 private:
  ir::ModelSpec spec_;
  torch::nn::Sequential stem_{nullptr};
  std::vector<std::vector<OdeBlock>> stages_;  // one block a stage; for resnet, `steps` of one step each
  std::vector<torch::nn::Sequential> transitions_;
  NormRelu head_norm_{nullptr};
  torch::nn::Linear classifier_{nullptr};
};
TORCH_MODULE(Network);

// A copy with its own tensors: parameters, buffers and specification.
Network clone(Network& network);

}  // namespace dsode::model
