#include "model/ode_block.h"

#include "base/names.h"
#include "model/gradient.h"
#include "model/kernel_block.h"

namespace dsode::model {

using torch::Tensor;

Gradient parse_gradient(const std::string& name) {
  if (name == "checkpoint") return Gradient::kCheckpoint;
  if (name == "full") return Gradient::kFull;
  if (name == "adjoint") return Gradient::kAdjoint;
  throw bad_input(fmt::format("gradient: unknown value '{}'", name), unknown_name_hint(name, kGradients));
}

OdeFunctionImpl::OdeFunctionImpl(const ir::ModelSpec& spec, int width, int evaluations) {
  const Conv3x3Options conv{.in = width,
                            .out = width,
                            .separable = spec.separable(),
                            .bias = spec.norm == "none",
                            .time = spec.time == "concat"};
  norm1_ = register_module("norm1", NormRelu(spec.norm, width, evaluations));
  conv1_ = register_module("conv1", Conv3x3(conv));
  norm2_ = register_module("norm2", NormRelu(spec.norm, width, evaluations));
  conv2_ = register_module("conv2", Conv3x3(conv));
}

Tensor OdeFunctionImpl::forward(const Tensor& z, double t, int evaluation) {
  const Tensor u = conv1_(norm1_(z, evaluation), t);
  return conv2_(norm2_(u, evaluation), t);
}

void OdeFunctionImpl::set_update(bool update) {
  norm1_->set_update(update);
  norm2_->set_update(update);
}

OdeBlockImpl::OdeBlockImpl(const ir::ModelSpec& spec, int stage)
    : tableau_(spec.tableau()),
      steps_(spec.stage_steps(stage)),
      adaptive_(spec.step_control == "adaptive"),
      tolerance_{spec.rtol, spec.atol} {
  f_ = register_module("f", OdeFunction(spec, spec.widths[stage], spec.stage_evaluations(stage)));
}

Tensor OdeBlockImpl::evaluate(const Tensor& z, ode::EvalPoint point) {
  ++evaluations_;
  return f_(z, point.t, point.step * tableau_.stages + point.stage);
}

namespace {

constexpr auto kAxpy = [](const Tensor& z, double a, const Tensor& k) { return torch::add(z, k, a); };

// Root mean square of e / (atol + rtol max(|z|, |z'|)), the norm of Hairer, Norsett, Wanner.
double error_norm(const Tensor& error, const Tensor& z, const Tensor& next,
                  const ode::AdaptiveOptions& tolerance) {
  torch::NoGradGuard no_grad;
  const Tensor scale = tolerance.atol + tolerance.rtol * torch::maximum(z.abs(), next.abs());
  return (error / scale).square().mean().sqrt().item<double>();
}

}  // namespace

Tensor OdeBlockImpl::step(const Tensor& z, int index, Step step) {
  std::vector<Tensor> slopes;
  const auto eval = [this](const Tensor& state, ode::EvalPoint point) { return evaluate(state, point); };
  return ode::rk_step(tableau_, z, step.t, step.h, index, eval, kAxpy, slopes);
}

Tensor OdeBlockImpl::solve(const Tensor& z, std::vector<Step>& steps, std::vector<Tensor>* states) {
  evaluations_ = 0;
  const auto keep = [&](const Tensor& state, double t, double h) {
    steps.push_back({t, h});
    if (states) states->push_back(state);
  };
  if (!adaptive_) {
    Tensor state = z;
    for (int i = 0; i < steps_; ++i) {
      keep(state, static_cast<double>(i) / steps_, 1.0 / steps_);
      state = step(state, i, steps.back());
    }
    return state;
  }
  ode::AdaptiveStats stats;
  return ode::solve_adaptive(
      tableau_, z, 0.0, 1.0, tolerance_,
      [this](const Tensor& state, ode::EvalPoint point) { return evaluate(state, point); }, kAxpy,
      [this](const Tensor& e, const Tensor& a, const Tensor& b) { return error_norm(e, a, b, tolerance_); },
      keep, stats);
}

Tensor OdeBlockImpl::forward(const Tensor& z) {
  if (kernels_ != Kernels::kOff && gradient_ != Gradient::kAdjoint && kernels_refuse(*this, z).empty()) {
    evaluations_ = steps_;
    return solve_on_kernels(*this, z, gradient_ == Gradient::kFull, precision_of(kernels_));
  }
  if (torch::GradMode::is_enabled() && gradient_ == Gradient::kCheckpoint)
    return solve_checkpointed(*this, z);
  if (torch::GradMode::is_enabled() && gradient_ == Gradient::kAdjoint) return solve_adjoint(*this, z);
  std::vector<Step> steps;
  return solve(z, steps, nullptr);
}

}  // namespace dsode::model
