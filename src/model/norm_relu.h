// Normalisation, with statistics kept per evaluation of the ODE function, and the ReLU that follows it
// everywhere.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "kernels/norm_relu/norm_relu.h"

namespace dsode::model {

// Which statistics a batch norm uses in evaluation mode.
enum class Statistics { kRunning, kBatch };

// What a norm did to one map, [C]: scale x + shift, where scale = weight inv_std.
struct NormTerms {
  std::vector<float> mean, inv_std, scale, shift;
  bool batch = false;  // of the statistics of the map itself, through which its gradient goes
};

// `bn-per-step`: affine parameters shared, running statistics [evaluations, C]: z drifts over the solver
// steps, so statistics mixed over steps fit none of them. `bn`: one row for all evaluations. `gn`: group
// norm. `none`: ReLU alone.
class NormReluImpl : public torch::nn::Module {
 public:
  NormReluImpl(const std::string& kind, int channels, int evaluations);

  // x [N,C,H,W]; `evaluation` counts the solver's evaluations from 0. Batch norm of channels-last floats on
  // the CPU is one fused kernel; everything else is libtorch's norm and ReLU.
  torch::Tensor forward(const torch::Tensor& x, int evaluation = 0);

  // forward(x).mean({2, 3}): [N,C].
  torch::Tensor mean(const torch::Tensor& x);

  // A forward pass that recomputes an earlier one must not count its batch twice.
  void set_update(bool update) { update_ = update; }
  // Whether the fused kernel is taken, or libtorch's norm and ReLU everywhere.
  void set_kernels(bool kernels) { kernels_ = kernels; }
  void set_statistics(Statistics statistics) { statistics_ = statistics; }
  // Weight of a batch in the running statistics; 1 / k for the k-th batch gives the plain mean over batches.
  void set_momentum(double momentum) { momentum_ = momentum; }
  void reset_statistics();
  bool has_statistics() const { return running_mean_.defined(); }

  // For kernels that do the norm themselves: whether it takes the batch's statistics, and its terms, given
  // those of each image, of `pixels` pixels; they go into the running ones as in forward().
  bool uses_batch() const;
  NormTerms terms(const std::vector<kernels::Statistics>* images, int64_t pixels, int evaluation);
  const torch::Tensor& weight() const { return weight_; }
  const torch::Tensor& bias() const { return bias_; }
  int groups() const { return kind_ == Kind::kGroup ? groups_ : 0; }

 protected:
  FORWARD_HAS_DEFAULT_ARGS({1, torch::nn::AnyValue(0)})

 private:
  torch::Tensor batch_norm(const torch::Tensor& x, int row);
  bool fused(const torch::Tensor& x, bool batch) const;
  template <class Function>
  torch::Tensor fused_over_batch(const torch::Tensor& x, int row);

  enum class Kind { kBatch, kGroup, kNone };
  Kind kind_;
  int channels_, rows_ = 0, groups_ = 1;
  bool update_ = true, kernels_ = true;
  Statistics statistics_ = Statistics::kRunning;
  double momentum_ = 0.1;
  torch::Tensor weight_, bias_, running_mean_, running_var_;
};
TORCH_MODULE(NormRelu);

}  // namespace dsode::model
