// Ways to train the same model, each one file: this project's and its rivals'.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "ir/spec.h"
#include "model/ode_block.h"

namespace dsode::bench {

class Contestant {
 public:
  virtual ~Contestant() = default;
  // In forward order, of the same shapes in every contestant.
  virtual std::vector<torch::Tensor> parameters() = 0;
  // The batch [N,C,H,W] in the memory layout that the contestant's loader would give it.
  virtual torch::Tensor layout(const torch::Tensor& images) const = 0;
  // From now on the norms take their running statistics.
  virtual void evaluate() = 0;
  virtual torch::Tensor logits(const torch::Tensor& images) = 0;
  // Forward, cross entropy, backward, gradients clipped to norm 1, AdamW; returns the loss.
  virtual double step(const torch::Tensor& images, const torch::Tensor& labels) = 0;
};

// This project's training step, as `dsodenet train` runs it, on its kernels or, as libtorch at its best, on
// none. Sets the allocator of the whole process.
std::unique_ptr<Contestant> make_ours(const ir::ModelSpec& spec, model::Gradient gradient,
                                      model::Kernels kernels);

// The same network as a user of libtorch writes it down.
std::unique_ptr<Contestant> make_libtorch_plain(const ir::ModelSpec& spec);

}  // namespace dsode::bench
