#include "train/options.h"

#include "data/augment.h"

namespace dsode::train {

void OptimizerOptions::declare(OptionSet& options) {
  options.add("optimizer", optimizer, "optimiser", kOptimizers);
  options.add("lr", lr, "peak learning rate");
  options.add("beta2", beta2, "AdamW's second-moment decay");
  options.add("momentum", momentum, "SGD's momentum");
  options.add("weight_decay", weight_decay, "decay of weights (not of norms and biases)");
  options.add("schedule", schedule, "learning-rate schedule", kSchedules);
  options.add("warmup", warmup, "part of the steps with a rising rate");
  options.add("clip", clip, "largest gradient norm, 0 for none");
}

void TrainOptions::declare(OptionSet& options) {
  std::vector<std::string> augments{"auto"};
  for (const auto& info : data::augmentations()) augments.push_back(info.name);
  options.add("model", model, "family and size, e.g. dsodenet-t", ir::model_names());
  overrides.declare(options);
  options.add("data", data, "source data set");
  options.add("validation", validation, "part of the source set held out for choosing");
  options.add("epochs", epochs, "passes over the training part");
  options.add("batch_size", batch_size, "images a step");
  options.add("augment", augment, "augmentation of training images", augments);
  options.add("label_smoothing", label_smoothing, "weight of the uniform distribution in the target");
  options.add("ema", ema, "decay of averaged weights, 0 for none");
  options.add("patience", patience, "epochs without improvement before stopping, 0 for never");
  options.add("limit", limit, "use the first images only, 0 for all");
  options.add("gradient", gradient, "how the ODE blocks are differentiated", model::kGradients);
  optimizer.declare(options);
}

std::string resolve_augment(const std::string& augment, int channels) {
  if (augment != "auto") return augment;
  return channels == 1 ? "digits" : "crop-flip";
}

}  // namespace dsode::train
