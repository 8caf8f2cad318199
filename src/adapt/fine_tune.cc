#include "adapt/fine_tune.h"

#include <spdlog/spdlog.h>

#include <cmath>
#include <tuple>

#include "adapt/quantized_network.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "data/augment.h"
#include "data/batches.h"
#include "data/subset.h"
#include "train/optimizer.h"
#include "train/tensors.h"

namespace dsode::adapt {

using torch::Tensor;
namespace F = torch::nn::functional;

namespace {

constexpr double kLabelSmoothing = 0.1;  // as in training

train::OptimizerOptions optimizer_options(const FineTuneOptions& options) {
  return {.lr = options.lr, .beta2 = 0.999, .weight_decay = 0, .warmup = 0.05};
}

class FineTuner {
 public:
  FineTuner(const ir::Graph& graph, const quant::Scales& scales, const ir::integer::Bits& bits,
            const data::Images& images, std::span<const int> labels, const FineTuneOptions& options)
      : options_(options),
        images_(images),
        labels_(labels),
        spec_(graph.spec),
        student_(graph, scales, bits),
        teacher_(graph, scales, bits),
        optimizer_(student_.parameters(), optimizer_options(options),
                   int64_t{options.epochs} * steps_per_epoch()) {
    teacher_.set_rounding(false);
  }

  std::pair<ir::Graph, quant::Scales> run() {
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      const double loss = run_epoch(epoch);
      spdlog::info("fine-tuning, epoch {}/{}  loss {:.4f}", epoch + 1, options_.epochs, loss);
    }
    return {student_.graph(), student_.scales()};
  }

 private:
  int batch_size() const { return std::min(options_.batch_size, images_.n); }
  std::vector<int> drawn(int epoch) const {
    return data::draw(images_.n, options_.images_per_epoch, options_.seed, static_cast<uint64_t>(epoch));
  }
  int steps_per_epoch() const { return static_cast<int>(drawn(0).size()) / batch_size(); }

  double run_epoch(int epoch) {
    data::BatchStream stream(images_, labels_, drawn(epoch),
                             {.batch_size = batch_size(),
                              .shuffle = true,
                              .drop_last = true,
                              .augment = train::resolve_augment(options_.augment, spec_),
                              .normalization = spec_.normalization,
                              .seed = options_.seed,
                              .epoch = static_cast<uint64_t>(epoch)});
    Progress progress(fmt::format("fine-tuning, epoch {}/{}", epoch + 1, options_.epochs), "images",
                      int64_t{steps_per_epoch()} * batch_size());
    double sum = 0;
    int steps = 0;
    for (data::Batch batch; stream.next(batch);) {
      const Tensor value = loss(batch);
      sum += value.item<double>();
      if (!std::isfinite(sum))
        throw failed(fmt::format("fine-tuning: the loss is not finite at step {}", step_), "lower --lr");
      value.backward();
      optimizer_.step(step_++);
      progress.advance(batch.n, fmt::format("loss {:.4f}", sum / ++steps));
      throw_if_interrupted();
    }
    return sum / std::max(steps, 1);
  }

  // Distillation, and where there are labels, as much of these.
  Tensor loss(data::Batch& batch) const {
    const Tensor x = train::pixels(batch, images_.shape, torch::kCPU), logits = student_.forward(x);
    const Tensor imitation =
        F::kl_div(logits.log_softmax(1), lesson(x), F::KLDivFuncOptions().reduction(torch::kBatchMean));
    if (labels_.empty()) return imitation;
    return imitation + F::cross_entropy(logits, train::labels(batch, torch::kCPU),
                                        F::CrossEntropyFuncOptions().label_smoothing(kLabelSmoothing));
  }

  Tensor lesson(const Tensor& x) const {
    const torch::NoGradGuard no_grad;
    return teacher_.forward(x).softmax(1);
  }

  const FineTuneOptions& options_;
  const data::Images& images_;
  std::span<const int> labels_;
  const ir::ModelSpec& spec_;
  QuantizedNetwork student_, teacher_;
  train::Optimizer optimizer_;
  int64_t step_ = 0;
};

}  // namespace

void validate(const FineTuneOptions& options) {
  for (const auto& [flag, value, least] : {std::tuple{"--epochs", options.epochs, 1},
                                           std::tuple{"--images-per-epoch", options.images_per_epoch, 0},
                                           std::tuple{"--batch-size", options.batch_size, 1}})
    if (value < least)
      throw bad_input(fmt::format("{}: {}", flag, value), fmt::format("give at least {}", least));
  train::validate(optimizer_options(options));
}

void FineTuneOptions::declare(OptionSet& options_set) {
  std::vector<std::string> augments{"auto"};
  for (const auto& info : data::augmentations()) augments.push_back(info.name);
  options_set.add("epochs", epochs, "passes of --qat");
  options_set.add("images_per_epoch", images_per_epoch, "images that a pass of --qat draws, 0 for all");
  options_set.add("batch_size", batch_size, "images a step of --qat");
  options_set.add("lr", lr, "peak learning rate of --qat");
  options_set.add("augment", augment, "augmentation of --qat's images; with labels best that of training",
                  augments);
}

std::pair<ir::Graph, quant::Scales> fine_tune(const ir::Graph& graph, const quant::Scales& scales,
                                              const ir::integer::Bits& bits,
                                              const data::UnlabelledSet& images,
                                              const std::optional<data::LabelledSet>& source,
                                              const FineTuneOptions& options) {
  train::keep_allocator_warm();
  torch::manual_seed(options.seed);
  const data::Images& pictures = source ? source->images : images.images;
  const std::span<const int> labels = source ? std::span<const int>(source->labels) : std::span<const int>();
  return FineTuner(graph, scales, bits, pictures, labels, options).run();
}

}  // namespace dsode::adapt
