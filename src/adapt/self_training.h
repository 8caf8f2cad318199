// What source-free methods share: the classifier stays, the features learn from the network's own view of the
// target.
#pragma once

#include "adapt/method.h"
#include "eval/engine.h"
#include "train/optimizer.h"

namespace dsode::adapt {

// Mean entropy of softmax(logits [B,K]) less the entropy of its mean: small where predictions are confident
// and use all classes (Krause et al., NIPS 2010).
torch::Tensor information_loss(const torch::Tensor& logits);

// Class of the nearest centroid by cosine for each image, [N] int64. Centroids are weighted by the
// predictions, then once more by the first assignment (SHOT, eq. 4-6).
torch::Tensor centroid_labels(const eval::Outputs& outputs);

class SelfTraining : public Method {
 public:
  double run_epoch(int epoch) final;

 protected:
  // Trains all of `student` but its classifier; `views`: differently augmented copies of each batch.
  SelfTraining(const Setting& setting, model::Network student, std::vector<std::string> views);

  virtual void begin_epoch(int /*epoch*/) {}
  // Loss of one batch from its views, [B,C,H,W] each; `indices` [B] are positions in the target set.
  virtual torch::Tensor loss(const std::vector<torch::Tensor>& views, const torch::Tensor& indices) = 0;
  virtual void after_step() {}

  const Setting& setting() const { return setting_; }
  model::Network& student() { return student_; }

 private:
  Setting setting_;
  model::Network student_;
  std::vector<std::string> views_;
  train::Optimizer optimizer_;
  int64_t step_ = 0;
};

}  // namespace dsode::adapt
