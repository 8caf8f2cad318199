#include "adapt/adapt.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "data/subset.h"
#include "eval/metrics.h"
#include "train/tensors.h"
#include "train/torch_engine.h"

namespace dsode::adapt {

namespace {

// Enough for the selectors, and the same images for every candidate.
constexpr int kEvidenceImages = 6000;

Candidate judge(std::string name, double loss, model::Network& network, const std::optional<Source>& source,
                const data::Images& target) {
  Candidate candidate{std::move(name), loss, {}, model::clone(network)};
  candidate.network->eval();
  train::TorchEngine engine(candidate.network);
  Evidence evidence{engine.run(target), std::numeric_limits<double>::quiet_NaN()};
  if (source) {
    const auto& validation = source->validation;
    evidence.source_validation = eval::score(eval::predictions(engine.run(validation.images)),
                                             validation.labels, evidence.target.classes)
                                     .accuracy();
  }
  for (const auto& selector : selectors())
    if (source || !selector.needs_source) candidate.scores[selector.name] = selector.score(evidence);
  return candidate;
}

void log(const Candidate& candidate) {
  std::vector<std::string> parts;
  for (const auto& [name, score] : candidate.scores) parts.push_back(fmt::format("{} {:.4f}", name, score));
  spdlog::info("{:<12} loss {:7.3f}  {}", candidate.name, candidate.loss, fmt::join(parts, "  "));
}

int choose(const std::vector<Candidate>& candidates, const std::string& selector) {
  int best = 0;
  for (size_t i = 1; i < candidates.size(); ++i)
    if (candidates[i].scores.at(selector) > candidates[static_cast<size_t>(best)].scores.at(selector))
      best = static_cast<int>(i);
  return best;
}

}  // namespace

void validate(const AdaptOptions& options, bool has_source, const data::UnlabelledSet& target) {
  const MethodInfo& method = find_method(options.method);
  const SelectorInfo& selector = find_selector(options.select.value_or(method.selector));
  if (!has_source && (method.needs_source || selector.needs_source))
    throw bad_input(fmt::format("--source: {} needs the source set",
                                method.needs_source ? "method " + method.name : "selector " + selector.name),
                    "pass --source, or choose --method shot --select bnm");
  const auto require = [](bool ok, const std::string& what, const char* remedy) {
    if (!ok) throw bad_input(what, remedy);
  };
  require(options.batch_size >= 2, fmt::format("--batch-size: {}", options.batch_size),
          "give at least 2: norms need a batch");
  require(options.images_per_epoch >= 0, fmt::format("--images-per-epoch: {}", options.images_per_epoch),
          "give a number of images, or 0 for all");
  require(options.epochs.value_or(0) >= 0, fmt::format("--epochs: {}", options.epochs.value_or(0)),
          "give a number from 0");
  require(options.lr.value_or(1) > 0, fmt::format("--lr: {}", options.lr.value_or(1)),
          "give a positive rate");
  require(target.images.n >= 2, fmt::format("--target {}: {} image", target.name, target.images.n),
          "give more images: norms need a batch");
}

AdaptResult adapt(const AdaptOptions& options, const AdaptContext& context, model::Network& network,
                  const std::optional<Source>& source, const data::UnlabelledSet& target) {
  validate(options, source.has_value(), target);
  const MethodInfo& method = find_method(options.method);
  const SelectorInfo& selector = find_selector(options.select.value_or(method.selector));
  train::keep_allocator_warm();
  const auto start = std::chrono::steady_clock::now();
  torch::manual_seed(context.seed);
  model::Network working = model::clone(network);
  const auto device = train::parse_device(context.device);
  working->to(device);
  train::set_gradient(working, options.gradient, options.kernels);

  const int epochs = options.epochs.value_or(method.epochs);
  const Setting setting{working,
                        source ? &source->train : nullptr,
                        target,
                        options,
                        epochs,
                        options.lr.value_or(method.lr),
                        options.weight.value_or(method.weight),
                        context.seed,
                        device};
  AdaptResult result{.method = method.name, .selector = selector.name, .candidates = {}};
  const data::Images evidence = data::head(target.images, kEvidenceImages);
  const auto add = [&](const std::string& name, double loss) {
    log(result.candidates.emplace_back(judge(name, loss, working, source, evidence)));
  };
  add("source-only", 0);
  const auto running = method.make(setting);
  for (int epoch = 0; epoch < epochs; ++epoch)
    add(fmt::format("epoch {}", epoch + 1), running->run_epoch(epoch));
  result.chosen = choose(result.candidates, selector.name);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  spdlog::info("{} chooses {}", selector.name, result.pick().name);
  return result;
}

}  // namespace dsode::adapt
