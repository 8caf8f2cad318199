// The ODE block: dz/dt = f(z, t) over t in [0,1], and the ways to differentiate through it.
#pragma once

#include <torch/torch.h>

#include <array>
#include <string>
#include <vector>

#include "ir/spec.h"
#include "model/conv.h"
#include "model/norm_relu.h"
#include "ode/solve.h"

namespace dsode::model {

// `checkpoint`: exact gradient of the discrete steps; keeps z a step and recomputes the inside (ANODE, arXiv
// 1902.10298). `full`: the same gradient, all of it kept. `adjoint`: the continuous adjoint (Chen et al.,
// arXiv 1806.07366), for comparison: it integrates backwards and so does not match the discrete forward pass.
enum class Gradient { kCheckpoint, kFull, kAdjoint };
inline const std::vector<std::string> kGradients{"checkpoint", "full", "adjoint"};
Gradient parse_gradient(const std::string& name);

// f = conv(ReLU(norm(conv(ReLU(norm(z)))))): [N,C,H,W] -> the same.
class OdeFunctionImpl : public torch::nn::Module {
 public:
  OdeFunctionImpl(const ir::ModelSpec& spec, int width, int evaluations);
  torch::Tensor forward(const torch::Tensor& z, double t, int evaluation);
  void set_update(bool update);

  // Norm and convolution, the first and the second.
  struct Half {
    NormRelu norm;
    Conv3x3 conv;
  };
  std::array<Half, 2> halves() const { return {Half{norm1_, conv1_}, Half{norm2_, conv2_}}; }

 private:
  NormRelu norm1_{nullptr}, norm2_{nullptr};
  Conv3x3 conv1_{nullptr}, conv2_{nullptr};
};
TORCH_MODULE(OdeFunction);

// One accepted solver step: where it started and how long it was.
struct Step {
  double t, h;
};

class OdeBlockImpl : public torch::nn::Module {
 public:
  OdeBlockImpl(const ir::ModelSpec& spec, int stage);

  torch::Tensor forward(const torch::Tensor& z);
  void set_gradient(Gradient gradient) { gradient_ = gradient; }
  void set_kernels(Kernels kernels) { kernels_ = kernels; }
  // Evaluations of f in the last forward pass.
  int evaluations() const { return evaluations_; }

  // For the gradient modes: one solver step from z, and the whole solution with z at each step's start.
  torch::Tensor step(const torch::Tensor& z, int index, Step step);
  torch::Tensor solve(const torch::Tensor& z, std::vector<Step>& steps, std::vector<torch::Tensor>* states);
  torch::Tensor evaluate(const torch::Tensor& z, ode::EvalPoint point);
  OdeFunction& function() { return f_; }
  int steps() const { return steps_; }
  const ode::Tableau& tableau() const { return tableau_; }
  bool euler() const { return tableau_.stages == 1 && !adaptive_; }

 private:
  const ode::Tableau& tableau_;
  int steps_;
  bool adaptive_;
  ode::AdaptiveOptions tolerance_;
  Gradient gradient_ = Gradient::kCheckpoint;
  int evaluations_ = 0;
  Kernels kernels_ = Kernels::kOn;
  OdeFunction f_{nullptr};
};
TORCH_MODULE(OdeBlock);

}  // namespace dsode::model
