#include "adapt/alignment.h"

#include <cmath>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "train/tensors.h"

namespace dsode::adapt {

namespace {

std::vector<torch::Tensor> concatenated(std::vector<torch::Tensor> a, const std::vector<torch::Tensor>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

Alignment::Alignment(const Setting& setting, const std::vector<torch::Tensor>& extra)
    : setting_(setting),
      optimizer_(concatenated(setting.network->parameters(), extra), {.lr = setting.lr},
                 int64_t{setting.epochs} * setting.steps_per_epoch()),
      total_steps_(int64_t{setting.epochs} * setting.steps_per_epoch()) {}

double Alignment::run_epoch(int epoch) {
  auto& network = setting_.network;
  network->train();
  auto targets = setting_.target_batches(epoch, 0, setting_.options.target_augment);
  auto sources = setting_.source_batches(epoch);
  Progress progress(fmt::format("adapting, epoch {}/{}", epoch + 1, setting_.epochs), "images",
                    int64_t{setting_.steps_per_epoch()} * setting_.options.batch_size);
  double sum = 0;
  int steps = 0, passes = 1;
  data::Batch source, target;
  while (targets.next(target)) {
    if (!sources.next(source)) {
      sources = setting_.source_batches(epoch + 1000 * passes++);
      DSODE_CHECK(sources.next(source));
    }
    // Each domain has a batch of its own, so that norms see one domain at a time.
    const torch::Tensor fs =
        network->features(train::pixels(source, setting_.source->images.shape, setting_.device));
    const torch::Tensor ft =
        network->features(train::pixels(target, setting_.target.images.shape, setting_.device));
    const torch::Tensor task = torch::nn::functional::cross_entropy(
        network->classify(fs), train::labels(source, setting_.device),
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(0.1));
    const torch::Tensor loss =
        task +
        setting_.weight * penalty(fs, ft, static_cast<double>(step_) / static_cast<double>(total_steps_));
    const double value = loss.item<double>();
    if (!std::isfinite(value))
      throw failed(fmt::format("adapting: the loss is {} at step {}", value, step_),
                   "lower --lr or --weight");
    loss.backward();
    optimizer_.step(step_++);
    sum += value;
    ++steps;
    progress.advance(target.n, fmt::format("loss {:.3f}", sum / steps));
    throw_if_interrupted();
  }
  return sum / std::max(steps, 1);
}

}  // namespace dsode::adapt
