#include "model/network.h"

#include <cmath>

#include "model/kernel_block.h"

namespace dsode::model {

using torch::Tensor;
namespace nn = torch::nn;

namespace {

// A residual block z + f(z) is one Euler step of size 1 with weights of its own.
ir::ModelSpec residual_block(ir::ModelSpec spec) {
  spec.steps = 1;
  spec.solver = "euler";
  spec.step_control = "fixed";
  return spec;
}

nn::Sequential make_stem(const ir::ModelSpec& spec) {
  const bool large = spec.stem == "conv7x7-pool";
  const int size = large ? 7 : 3, width = spec.widths[0];
  StemConv conv(nn::Conv2dOptions(spec.input.c, width, size)
                    .stride(large ? 2 : 1)
                    .padding(size / 2)
                    .bias(spec.norm == "none"));
  nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU);
  if (spec.norm == "none") nn::init::zeros_(conv->bias);
  nn::Sequential stem(conv, NormRelu(spec.norm, width, 1));
  if (large) stem->push_back(nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).padding(1)));
  return stem;
}

nn::Sequential make_transition(const ir::ModelSpec& spec, int stage) {
  const int out = spec.widths[stage + 1];
  return nn::Sequential(Conv3x3(Conv3x3Options{.in = spec.widths[stage],
                                               .out = out,
                                               .stride = 2,
                                               .separable = spec.separable(),
                                               .bias = spec.norm == "none"}),
                        NormRelu(spec.norm, out, 1));
}

// With one channel the strides of a contiguous map do not tell its layout, and every layer after would take
// it for [N,C,H,W]; so they are written out.
Tensor channels_last(const Tensor& x) {
  const int64_t c = x.size(1), h = x.size(2), w = x.size(3);
  return x.contiguous(at::MemoryFormat::ChannelsLast).as_strided(x.sizes(), {h * w * c, 1, w * c, c});
}

}  // namespace

NetworkImpl::NetworkImpl(ir::ModelSpec spec) : spec_(std::move(spec)) {
  stem_ = register_module("stem", make_stem(spec_));
  const ir::ModelSpec block = spec_.shares_weights() ? spec_ : residual_block(spec_);
  const int blocks = spec_.shares_weights() ? 1 : spec_.steps;
  for (int i = 0; i < spec_.stages(); ++i) {
    auto& stage = stages_.emplace_back();
    for (int b = 0; b < blocks; ++b)
      stage.push_back(register_module(
          blocks == 1 ? fmt::format("stage{}", i + 1) : fmt::format("stage{}_{}", i + 1, b + 1),
          OdeBlock(block, i)));
    if (i + 1 < spec_.stages())
      transitions_.push_back(register_module(fmt::format("transition{}", i + 1), make_transition(spec_, i)));
  }
  head_norm_ = register_module("head_norm", NormRelu(spec_.norm, spec_.widths.back(), 1));
  classifier_ = register_module("classifier", nn::Linear(spec_.widths.back(), spec_.classes_count()));
}

Tensor NetworkImpl::features(const Tensor& x) {
  Tensor z = stem_->forward(channels_last(x));
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (auto& block : stages_[i]) z = block(z);
    if (i < transitions_.size()) z = transitions_[i]->forward(z);
  }
  return head_norm_->mean(z);
}

Tensor NetworkImpl::classify(const Tensor& features) { return classifier_(features); }

Tensor NetworkImpl::forward(const Tensor& x) { return classify(features(x)); }

void NetworkImpl::set_gradient(Gradient gradient, Kernels kernels) {
  for (auto& stage : stages_)
    for (auto& block : stage) {
      block->set_gradient(gradient);
      block->set_kernels(kernels);
    }
  for (const auto& module : modules())
    if (auto* conv = module->as<Conv3x3>())
      conv->set_kernels(kernels);
    else if (auto* stem = module->as<StemConv>())
      stem->set_kernels(kernels);
  for (NormRelu& norm : norms()) norm->set_kernels(kernels != Kernels::kOff);
}

std::string NetworkImpl::uncovered() {
  const auto options = parameters().front().options();
  for (int i = 0; i < spec_.stages(); ++i) {
    const Shape map = spec_.stage_shape(i);
    const Tensor z = torch::empty({1, map.c, map.h, map.w}, options);
    for (auto& block : stages_[static_cast<size_t>(i)])
      if (const std::string reason = kernels_refuse(*block, z); !reason.empty()) return reason;
  }
  return {};
}

std::vector<NormRelu> NetworkImpl::norms() {
  std::vector<NormRelu> norms;
  for (const auto& module : modules())
    if (auto norm = std::dynamic_pointer_cast<NormReluImpl>(module)) norms.emplace_back(norm);
  return norms;
}

int NetworkImpl::evaluations() const {
  int total = 0;
  for (const auto& stage : stages_)
    for (const auto& block : stage) total += block->evaluations();
  return total;
}

Network clone(Network& network) {
  Network copy(network->spec());
  copy->to(network->parameters().front().device());
  torch::NoGradGuard no_grad;
  auto from = network->named_parameters();
  for (auto& item : copy->named_parameters()) item.value().copy_(from[item.key()]);
  auto buffers = network->named_buffers();
  for (auto& item : copy->named_buffers()) item.value().copy_(buffers[item.key()]);
  return copy;
}

}  // namespace dsode::model
