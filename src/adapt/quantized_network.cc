#include "adapt/quantized_network.h"

#include <cmath>

#include "base/error.h"
#include "ode/solve.h"

namespace dsode::adapt {

using quant::Unit;
using torch::Tensor;
namespace F = torch::nn::functional;

namespace {

Tensor tensor_of(const ir::Floats& values, at::IntArrayRef shape) {
  return torch::tensor(values).view(shape).contiguous();
}

ir::Floats floats_of(const Tensor& tensor) {
  const Tensor flat = tensor.detach().contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

Tensor by_channel(const Tensor& values, const Tensor& map) {
  return map.dim() == 4 ? values.view({1, -1, 1, 1}) : values.view({1, -1});
}

bool depthwise(const Unit& unit) { return unit.kind == Unit::Kind::kDepthwise; }

// libtorch's order of the weights' axes [out,in,h,w], from [h,w,in,out] (depthwise: from [3,3,C]), and back.
Tensor to_torch(const Unit& unit, const ir::Floats& weight, int64_t out) {
  if (depthwise(unit)) return tensor_of(weight, {3, 3, -1}).permute({2, 0, 1}).unsqueeze(1).contiguous();
  const int64_t side = unit.kind == Unit::Kind::kStem ? 3 : 1;
  return tensor_of(weight, {side, side, -1, out}).permute({3, 2, 0, 1}).contiguous();
}
ir::Floats from_torch(const Unit& unit, const Tensor& weight) {
  return floats_of(depthwise(unit) ? weight.squeeze(1).permute({1, 2, 0}) : weight.permute({2, 3, 1, 0}));
}

}  // namespace

QuantizedNetwork::QuantizedNetwork(const ir::Graph& graph, quant::Scales scales,
                                   const ir::integer::Bits& bits)
    : graph_(graph), start_(std::move(scales)), bits_(bits), units_(quant::units_of(graph_)) {
  quant::for_each_unit(units_, [&](const Unit& unit) { add_parameters(unit); });
  for (auto& [name, parameter] : parameters_) parameter.set_requires_grad(true);
}

void QuantizedNetwork::add_parameters(const Unit& unit) {
  const auto add_step = [&](const std::string& name) {
    parameters_[name + ".step"] = torch::tensor(start_.at(name)).log();
  };
  if (unit.has_map()) add_step(unit.name);
  if (unit.has_weight()) {
    add_step(unit.name + ".weight");
    const auto out = static_cast<int64_t>(start_.at(unit.name + ".weight").size());
    parameters_[unit.op->name + ".weight"] = to_torch(unit, quant::weight_of(*unit.op), out);
    if (!depthwise(unit)) parameters_[unit.op->name + ".bias"] = torch::tensor(quant::bias_of(*unit.op));
  }
  if (const ir::Affine* affine = unit.affine()) {
    parameters_[unit.norm->name + ".gain"] =
        torch::zeros({affine->rows, static_cast<int64_t>(affine->scale.size()) / affine->rows});
    parameters_[unit.norm->name + ".bias"] = tensor_of(affine->bias, {affine->rows, -1});
  }
  if (unit.kind == Unit::Kind::kLoop) state_steps_[unit.name] = torch::tensor(start_.at(unit.name));
}

std::vector<Tensor> QuantizedNetwork::parameters() const {
  std::vector<Tensor> all;
  for (const auto& [name, parameter] : parameters_) all.push_back(parameter);
  return all;
}

const Tensor& QuantizedNetwork::at(const std::string& name) const {
  const auto found = parameters_.find(name);
  DSODE_CHECK(found != parameters_.end(), "{}", name);
  return found->second;
}

// x in whole steps, saturated (at 0 where a ReLU was): forward as the integers are, backward straight through
// the rounding.
Tensor QuantizedNetwork::rounded(const Tensor& x, const Tensor& step, int lo, int hi) const {
  if (!rounding_) return lo == 0 ? x.relu() : x;
  const Tensor steps = (x / step).clamp(lo, hi);
  return step * (steps + ((steps + 0.5).floor() - steps).detach());
}

Tensor QuantizedNetwork::forward(const Tensor& images) const { return run(units_, images, {}); }

Tensor QuantizedNetwork::run(const std::vector<Unit>& units, Tensor x, Moment moment) const {
  for (const Unit& unit : units) x = run(unit, x, moment);
  return x;
}

Tensor QuantizedNetwork::run(const Unit& unit, const Tensor& x, Moment moment) const {
  switch (unit.kind) {
    case Unit::Kind::kStem:
      return round_state(unit, normalize(unit, convolve(unit, x, 0), 0), true);
    case Unit::Kind::kNorm:
      return round_map(unit, normalize(unit, x, moment.evaluation));
    case Unit::Kind::kCast:
      return round_map(unit, x);
    case Unit::Kind::kDepthwise:
      return round_map(unit, convolve(unit, x, 0));
    case Unit::Kind::kPointwise: {
      const Tensor y = normalize(unit, convolve(unit, x, moment.t), moment.evaluation);
      if (unit.to == "increment") return y;
      return unit.to == "state" ? round_state(unit, y, true) : round_map(unit, y);
    }
    case Unit::Kind::kPool:
      return round_map(unit, x.mean({2, 3}));
    case Unit::Kind::kLinear:
      return F::linear(x, weight(unit).flatten(1), at(unit.op->name + ".bias"));
    case Unit::Kind::kLoop:
      return solve(unit, x);
  }
  DSODE_CHECK(false, "{}", unit.name);
}

Tensor QuantizedNetwork::solve(const Unit& unit, Tensor z) const {
  const auto& loop = std::get<ir::OdeLoop>(unit.op->what);
  const auto eval = [&](const Tensor& state, ode::EvalPoint point) {
    return run(unit.body, state, {point.step * loop.tableau().stages + point.stage, point.t});
  };
  const auto axpy = [&](const Tensor& state, double a, const Tensor& slope) {
    return round_state(unit, state + a * slope, false);
  };
  return ode::solve_fixed(loop.tableau(), std::move(z), 0.0, 1.0, loop.steps, eval, axpy);
}

Tensor QuantizedNetwork::convolve(const Unit& unit, const Tensor& x, double t) const {
  const Tensor w = weight(unit);
  if (depthwise(unit)) {
    const int64_t stride = std::get<ir::DwConv>(unit.op->what).stride;
    return F::conv2d(x, w, F::Conv2dFuncOptions().stride(stride).padding(1).groups(w.size(0)));
  }
  const auto options = F::Conv2dFuncOptions().padding(w.size(2) / 2).bias(at(unit.op->name + ".bias"));
  const Tensor y = F::conv2d(x, w, options);
  const auto* pointwise = std::get_if<ir::PwConv>(&unit.op->what);
  return pointwise && pointwise->timed ? y + time_bias(unit, y, t) : y;
}

// t times the border value of each pixel, [1,C,H,W].
Tensor QuantizedNetwork::time_bias(const Unit& unit, const Tensor& map, double t) const {
  const int64_t h = map.size(2), w = map.size(3);
  std::vector<int64_t> classes;
  for (int64_t y = 0; y < h; ++y)
    for (int64_t x = 0; x < w; ++x)
      classes.push_back(ir::border_class(static_cast<int>(y), static_cast<int>(x), static_cast<int>(h),
                                         static_cast<int>(w)));
  const Tensor values = tensor_of(std::get<ir::PwConv>(unit.op->what).time, {ir::kBorderClasses, -1});
  return t * values.index_select(0, torch::tensor(classes)).t().reshape({1, -1, h, w});
}

// The integer weights' real values: a step of an element is that of its row over that of its operand.
Tensor QuantizedNetwork::weight(const Unit& unit) const {
  const Tensor row = at(unit.name + ".weight.step").exp().view({-1, 1, 1, 1});
  Tensor operand;
  if (unit.kind == Unit::Kind::kStem)
    operand = 1 / (255 * torch::tensor(graph_.spec.normalization.std));
  else
    operand = at(unit.operand + ".step").exp();
  const Tensor step = row / (depthwise(unit) ? operand.view({-1, 1, 1, 1}) : operand.view({1, -1, 1, 1}));
  return rounded(at(unit.op->name + ".weight"), step, -bits_.weight_max(), bits_.weight_max());
}

Tensor QuantizedNetwork::normalize(const Unit& unit, const Tensor& x, int evaluation) const {
  const ir::Affine* affine = unit.affine();
  if (!affine) return x;
  const int64_t row = affine->rows == 1 ? 0 : evaluation;
  const Tensor start = tensor_of(affine->scale, {affine->rows, -1})[row];
  const Tensor scale = start * at(unit.norm->name + ".gain")[row].exp();  // keeps its sign
  return by_channel(scale, x) * x + by_channel(at(unit.norm->name + ".bias")[row], x);
}

Tensor QuantizedNetwork::round_map(const Unit& unit, const Tensor& x) const {
  const quant::Range range = unit.range(bits_);
  return rounded(x, by_channel(at(unit.name + ".step").exp(), x), range.lo, range.hi);
}

Tensor QuantizedNetwork::round_state(const Unit& unit, const Tensor& z, bool relu) const {
  return rounded(z, state_steps_.at(unit.state), relu ? 0 : -bits_.state_max() - 1, bits_.state_max());
}

ir::Graph QuantizedNetwork::graph() const {
  ir::Graph learned = graph_;
  const auto ops = ir::ops_by_name(learned);
  quant::for_each_unit(units_, [&](const Unit& unit) {
    if (unit.has_weight()) {
      quant::weight_of(*ops.at(unit.op->name)) = from_torch(unit, at(unit.op->name + ".weight"));
      if (!depthwise(unit)) quant::bias_of(*ops.at(unit.op->name)) = floats_of(at(unit.op->name + ".bias"));
    }
    if (const ir::Affine* affine = unit.affine()) {
      auto& norm = std::get<ir::Affine>(ops.at(unit.norm->name)->what);
      norm.scale = floats_of(torch::tensor(affine->scale) * at(unit.norm->name + ".gain").flatten().exp());
      norm.bias = floats_of(at(unit.norm->name + ".bias"));
    }
  });
  return learned;
}

quant::Scales QuantizedNetwork::scales() const {
  quant::Scales learned = start_;
  for (auto& [name, steps] : learned)
    if (const auto found = parameters_.find(name + ".step"); found != parameters_.end())
      steps = floats_of(found->second.exp());
  return learned;
}

}  // namespace dsode::adapt
