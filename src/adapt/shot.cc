#include <cmath>

#include "adapt/method.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "train/optimizer.h"
#include "train/tensors.h"
#include "train/torch_engine.h"

namespace dsode::adapt {

namespace {

using torch::Tensor;

// Class of the nearest centroid by cosine for each target image; centroids weighted by the predictions, then
// once more by the first assignment (eq. 4-6 of the paper). [N] int64.
Tensor centroid_labels(const eval::Outputs& outputs) {
  const Tensor p = torch::tensor(eval::softmax(outputs)).view({outputs.n, outputs.classes});
  Tensor f = torch::tensor(outputs.features).view({outputs.n, outputs.width});
  f = torch::nn::functional::normalize(torch::cat({f, torch::ones({outputs.n, 1})}, 1));
  Tensor weights = p, nearest;
  for (int round = 0; round < 2; ++round) {
    const Tensor centroids = torch::nn::functional::normalize(weights.t().mm(f));
    Tensor similarity = f.mm(centroids.t());
    // A class that nothing is assigned to has no centroid to be near to.
    similarity = similarity.masked_fill(weights.sum(0).lt(0.5).unsqueeze(0), -2);
    nearest = similarity.argmax(1);
    weights = torch::one_hot(nearest, outputs.classes).to(torch::kFloat32);
  }
  return nearest;
}

// Mean entropy of the predictions less the entropy of their mean: confident and diverse.
Tensor information_loss(const Tensor& logits) {
  const Tensor p = logits.softmax(1), mean = p.mean(0);
  return -(p * logits.log_softmax(1)).sum(1).mean() + (mean * (mean + 1e-6).log()).sum();
}

// Source hypothesis transfer: the classifier stays, the features move until it is sure of the target, guided
// by pseudo-labels of the nearest class centroid.
class Shot : public Method {
 public:
  explicit Shot(const Setting& setting)
      : setting_(setting),
        optimizer_(moving(setting.network),
                   {.lr = setting.lr, .beta2 = 0.999, .weight_decay = 0, .warmup = 0.05},
                   int64_t{setting.epochs} * setting.steps_per_epoch()) {}

  double run_epoch(int epoch) override {
    auto& network = setting_.network;
    const Tensor pseudo = centroid_labels(train::TorchEngine(network).run(setting_.target.images));
    network->train();
    auto batches = setting_.target_batches(epoch, 0, setting_.options.target_augment);
    Progress progress(fmt::format("adapting, epoch {}/{}", epoch + 1, setting_.epochs), "images",
                      int64_t{setting_.steps_per_epoch()} * setting_.options.batch_size);
    double sum = 0;
    int steps = 0;
    for (data::Batch batch; batches.next(batch);) {
      const Tensor logits =
          network->forward(train::pixels(batch, setting_.target.images.shape, setting_.device));
      const Tensor index = torch::from_blob(batch.indices.data(), {batch.n}, torch::kInt64);
      const Tensor loss = information_loss(logits) +
                          setting_.weight * torch::nn::functional::cross_entropy(
                                                logits, pseudo.index_select(0, index).to(setting_.device));
      const double value = loss.item<double>();
      if (!std::isfinite(value))
        throw failed(fmt::format("adapting: the loss is {} at step {}", value, step_), "lower --lr");
      loss.backward();
      optimizer_.step(step_++);
      sum += value;
      ++steps;
      progress.advance(batch.n, fmt::format("loss {:.3f}", sum / steps));
      throw_if_interrupted();
    }
    estimate_statistics(network, setting_.target.images, 256, setting_.seed);
    return sum / std::max(steps, 1);
  }

 private:
  // All but the classifier.
  static std::vector<Tensor> moving(model::Network& network) {
    std::vector<Tensor> parameters;
    for (const auto& item : network->named_parameters())
      if (item.key().rfind("classifier", 0) != 0) parameters.push_back(item.value());
    return parameters;
  }

  Setting setting_;
  train::Optimizer optimizer_;
  int64_t step_ = 0;
};

const RegisterMethod kRegistration(
    {.name = "shot",
     .paper =
         "information maximisation and centroid pseudo-labels, source-free (Liang et al., arXiv 2002.08546)",
     .weight = 0.3,
     .make = [](const Setting& s) -> std::unique_ptr<Method> { return std::make_unique<Shot>(s); }});

}  // namespace

}  // namespace dsode::adapt
