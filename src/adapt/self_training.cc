#include "adapt/self_training.h"

#include <cmath>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "train/tensors.h"

namespace dsode::adapt {

using torch::Tensor;

namespace {

std::vector<Tensor> all_but_classifier(model::Network& network) {
  std::vector<Tensor> parameters;
  for (const auto& item : network->named_parameters())
    if (item.key().rfind("classifier", 0) != 0) parameters.push_back(item.value());
  return parameters;
}

}  // namespace

Tensor information_loss(const Tensor& logits) {
  const Tensor p = logits.softmax(1), mean = p.mean(0);
  return -(p * logits.log_softmax(1)).sum(1).mean() + (mean * (mean + 1e-6).log()).sum();
}

Tensor centroid_labels(const eval::Outputs& outputs) {
  namespace F = torch::nn::functional;
  Tensor weights = torch::tensor(eval::softmax(outputs)).view({outputs.n, outputs.classes}), nearest;
  const Tensor features = torch::tensor(outputs.features).view({outputs.n, outputs.width});
  const Tensor f = F::normalize(torch::cat({features, torch::ones({outputs.n, 1})}, 1));
  for (int round = 0; round < 2; ++round) {
    const Tensor centroids = F::normalize(weights.t().mm(f));
    // A class that nothing is assigned to has no centroid to be near to.
    nearest = f.mm(centroids.t()).masked_fill(weights.sum(0).lt(0.5).unsqueeze(0), -2).argmax(1);
    weights = torch::one_hot(nearest, outputs.classes).to(torch::kFloat32);
  }
  return nearest;
}

SelfTraining::SelfTraining(const Setting& setting, model::Network student, std::vector<std::string> views)
    : setting_(setting),
      student_(std::move(student)),
      views_(std::move(views)),
      optimizer_(all_but_classifier(student_),
                 {.lr = setting.lr, .beta2 = 0.999, .weight_decay = 0, .warmup = 0.05},
                 int64_t{setting.epochs} * setting.steps_per_epoch()) {}

double SelfTraining::run_epoch(int epoch) {
  begin_epoch(epoch);
  student_->train();
  std::vector<data::BatchStream> streams;
  for (size_t v = 0; v < views_.size(); ++v) streams.push_back(setting_.target_batches(epoch, v, views_[v]));
  std::vector<data::Batch> batches(views_.size());
  Progress progress(fmt::format("adapting, epoch {}/{}", epoch + 1, setting_.epochs), "images",
                    int64_t{setting_.steps_per_epoch()} * setting_.options.batch_size);
  double sum = 0;
  int steps = 0;
  while (true) {
    std::vector<Tensor> views;
    for (size_t v = 0; v < streams.size(); ++v)
      if (streams[v].next(batches[v]))
        views.push_back(train::pixels(batches[v], setting_.target.images.shape, setting_.device));
    if (views.size() < streams.size()) break;
    const Tensor indices = torch::from_blob(batches[0].indices.data(), {batches[0].n}, torch::kInt64);
    const Tensor value = loss(views, indices);
    const double number = value.item<double>();
    if (!std::isfinite(number))
      throw failed(fmt::format("adapting: the loss is {} at step {}", number, step_), "lower --lr");
    value.backward();
    optimizer_.step(step_++);
    after_step();
    sum += number;
    ++steps;
    progress.advance(batches[0].n, fmt::format("loss {:.3f}", sum / steps));
    throw_if_interrupted();
  }
  estimate_statistics(setting_.network, setting_.target.images, 256, setting_.seed);
  return sum / std::max(steps, 1);
}

}  // namespace dsode::adapt
