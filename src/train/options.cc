#include "train/options.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "data/augment.h"

namespace dsode::train {

namespace {

template <class T>
void require(bool ok, const char* option, T value, const char* remedy) {
  if (!ok) throw bad_input(fmt::format("--{}: {}", option, value), remedy);
}

}  // namespace

void validate(const OptimizerOptions& o) {
  require(o.lr > 0, "lr", o.lr, "give a positive rate");
  require(o.beta2 >= 0 && o.beta2 < 1, "beta2", o.beta2, "give a decay from 0 to below 1");
  require(o.momentum >= 0 && o.momentum < 1, "momentum", o.momentum, "give a value from 0 to below 1");
  require(o.weight_decay >= 0, "weight-decay", o.weight_decay, "give a value from 0");
  require(o.warmup >= 0 && o.warmup < 1, "warmup", o.warmup, "give a part from 0 to below 1");
  require(o.clip >= 0, "clip", o.clip, "give a positive norm, or 0 for none");
}

void validate(const TrainOptions& o) {
  require(o.epochs >= 1, "epochs", o.epochs, "give at least 1");
  require(o.batch_size >= 2, "batch-size", o.batch_size, "give at least 2: norms need a batch");
  require(o.validation > 0 && o.validation < 1, "validation", o.validation, "give a part between 0 and 1");
  require(o.ema >= 0 && o.ema < 1, "ema", o.ema, "give a decay from 0 to below 1");
  require(o.label_smoothing >= 0 && o.label_smoothing < 1, "label-smoothing", o.label_smoothing,
          "give 0 to below 1");
  require(o.patience >= 0, "patience", o.patience, "give a number of epochs, or 0 for never");
  require(o.limit >= 0, "limit", o.limit, "give a number of images, or 0 for all");
  validate(o.optimizer);
}

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
  options.add("kernels", kernels,
              "own kernels for what they cover, in floats or products in bf16, or libtorch for all",
              model::kKernels);
  optimizer.declare(options);
}

std::string resolve_augment(const std::string& augment, const ir::ModelSpec& spec) {
  if (augment != "auto") return augment;
  const auto numeral = [](const std::string& name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c); });
  };
  if (std::ranges::all_of(spec.classes, numeral)) return "digits";
  return spec.input.c == 1 ? "affine" : "crop-flip";
}

}  // namespace dsode::train
