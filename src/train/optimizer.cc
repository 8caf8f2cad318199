#include "train/optimizer.h"

#include <cmath>
#include <numbers>
#include <sstream>

#include "base/error.h"

namespace dsode::train {

namespace {

// Weights of convolutions and the classifier decay; vectors (norms, biases) do not.
std::vector<torch::optim::OptimizerParamGroup> decay_groups(const std::vector<torch::Tensor>& parameters,
                                                            double decay,
                                                            const torch::optim::OptimizerOptions& base) {
  std::vector<torch::Tensor> matrices, vectors;
  for (const auto& p : parameters) (p.dim() > 1 ? matrices : vectors).push_back(p);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  const auto add = [&](std::vector<torch::Tensor>& members, double weight_decay) {
    if (members.empty()) return;
    auto options = base.clone();
    if (auto* adamw = dynamic_cast<torch::optim::AdamWOptions*>(options.get()))
      adamw->weight_decay(weight_decay);
    if (auto* sgd = dynamic_cast<torch::optim::SGDOptions*>(options.get())) sgd->weight_decay(weight_decay);
    groups.emplace_back(std::move(members), std::move(options));
  };
  add(matrices, decay);
  add(vectors, 0);
  return groups;
}

}  // namespace

double schedule_factor(const OptimizerOptions& options, int64_t step, int64_t total) {
  const double warmup = options.warmup * static_cast<double>(total);
  const double at = static_cast<double>(step) + 1;
  if (at < warmup) return at / warmup;
  const double progress = (at - warmup) / std::max(static_cast<double>(total) - warmup, 1.0);
  if (options.schedule == "cosine") return 0.5 * (1 + std::cos(std::numbers::pi * std::min(progress, 1.0)));
  if (options.schedule == "step") return progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01;
  return 1;
}

Optimizer::Optimizer(std::vector<torch::Tensor> parameters, const OptimizerOptions& options,
                     int64_t total_steps)
    : options_(options), total_steps_(total_steps), parameters_(std::move(parameters)) {
  validate(options);
  if (options.optimizer == "adamw") {
    const torch::optim::AdamWOptions base =
        torch::optim::AdamWOptions(options.lr).betas({0.9, options.beta2});
    optimizer_ =
        std::make_unique<torch::optim::AdamW>(decay_groups(parameters_, options.weight_decay, base), base);
  } else {
    const torch::optim::SGDOptions base =
        torch::optim::SGDOptions(options.lr).momentum(options.momentum).nesterov(options.momentum > 0);
    optimizer_ =
        std::make_unique<torch::optim::SGD>(decay_groups(parameters_, options.weight_decay, base), base);
  }
}

double Optimizer::rate(int64_t step) const {
  return options_.lr * schedule_factor(options_, step, total_steps_);
}

void Optimizer::step(int64_t step) {
  if (options_.clip > 0) torch::nn::utils::clip_grad_norm_(parameters_, options_.clip);
  for (auto& group : optimizer_->param_groups()) group.options().set_lr(rate(step));
  optimizer_->step();
  optimizer_->zero_grad();
}

std::vector<uint8_t> Optimizer::state() const {
  std::ostringstream stream;
  torch::save(*optimizer_, stream);
  const std::string text = std::move(stream).str();
  return {text.begin(), text.end()};
}

void Optimizer::restore(std::span<const uint8_t> bytes, const std::string& origin) {
  try {
    std::istringstream stream(std::string(bytes.begin(), bytes.end()));
    torch::load(*optimizer_, stream);
  } catch (const c10::Error&) {
    throw bad_input(fmt::format("{}: tensor 'optimizer' is not an optimiser's state", origin),
                    "start the run anew with --force");
  }
}

}  // namespace dsode::train
