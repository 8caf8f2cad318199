#include "quant/quantize.h"

#include "base/error.h"

namespace dsode::quant {

namespace in = ir::integer;
using ir::Floats;

namespace {

using Reals = std::vector<double>;

Error no_encoding(const std::string& name, const std::string& what) {
  return ir::refuse_op("quantisation", name, what,
                       "the model's ranges differ too much: train it further, or calibrate with more images");
}

// The largest shift by which every |value| stays within its limit.
int common_shift(const std::string& name, std::initializer_list<std::pair<const Reals*, double>> limited) {
  int shift = ir::kMaxShift;
  for (const auto& [values, limit] : limited)
    for (const double value : *values) {
      if (!std::isfinite(value)) throw no_encoding(name, fmt::format("a factor is {}", value));
      while (shift > 0 && std::abs(value) * std::ldexp(1.0, shift) > limit) --shift;
    }
  if (shift < 1) throw no_encoding(name, "a factor is too large for its integers");
  return shift;
}

template <class T>
std::vector<T> fixed_point(const Reals& values, int shift) {
  std::vector<T> result;
  for (const double value : values) result.push_back(static_cast<T>(std::llround(std::ldexp(value, shift))));
  return result;
}

// Unsigned 16-bit multipliers with one shift.
template <class What>
void encode_multipliers(const std::string& name, const Reals& factors, What& what) {
  what.shift = common_shift(name, {{&factors, 65535.0}});
  what.multiplier = fixed_point<uint16_t>(factors, what.shift);
}

std::vector<int32_t> rounded(const Reals& values) {
  std::vector<int32_t> result;
  // Far beyond an accumulator; the check of the finished graph names the operation.
  for (const double value : values)
    result.push_back(static_cast<int32_t>(std::clamp(std::floor(value + 0.5), -2147483647.0, 2147483647.0)));
  return result;
}

// scale x + bias by row and channel; the identity where there is no norm.
struct Norm {
  const ir::Affine* affine;
  int rows() const { return affine ? affine->rows : 1; }
  double scale(size_t i) const { return affine ? affine->scale[i] : 1.0; }
  double bias(size_t i) const { return affine ? affine->bias[i] : 0.0; }
};

// What is behind a convolution, on its accumulator: out = factor (acc + bias) + constant, in steps of out; no
// factor is negative.
struct Epilogue {
  Reals factor, bias, constant;  // [rows,out]
  Reals sign;                    // [out] of the weights
};

// Of the norm's scale in all rows, 0 where it is 0 in all.
double common_sign(const std::string& name, const Norm& norm, size_t k, size_t out) {
  double sign = 0;
  for (size_t i = k; i < out * static_cast<size_t>(norm.rows()); i += out) {
    const double scale = norm.scale(i);
    if (scale * sign < 0)
      throw no_encoding(name, fmt::format("channel {}: its norm changes sign between evaluations", k));
    if (scale != 0) sign = scale < 0 ? -1 : 1;
  }
  return sign;
}

// From an accumulator of real step `step[k]` with real bias `bias[k]`, through the norm, to steps of
// `out_step(k)`.
template <class OutStep>
Epilogue fold(const std::string& name, const Norm& norm, const Floats& step, const Reals& bias,
              const OutStep& out_step) {
  const size_t out = step.size();
  Epilogue result;
  for (size_t k = 0; k < out; ++k) result.sign.push_back(common_sign(name, norm, k, out));
  for (size_t i = 0; i < out * static_cast<size_t>(norm.rows()); ++i) {
    const size_t k = i % out;
    result.factor.push_back(std::abs(norm.scale(i)) * step[k] / out_step(k));
    result.bias.push_back(result.sign[k] * bias[k] / step[k]);
    result.constant.push_back(norm.bias(i) / out_step(k));
  }
  return result;
}

// Multiplier, shift and bias. The constant goes into the bias by the multiplier as it is encoded, which is
// made large enough where the norm scales by next to nothing.
template <class What>
void encode(const std::string& name, const Epilogue& epilogue, What& what) {
  constexpr double kMaxBias = 1 << 24;
  encode_multipliers(name, epilogue.factor, what);
  Reals bias = epilogue.bias;
  for (size_t i = 0; i < bias.size(); ++i) {
    const double constant = std::ldexp(epilogue.constant[i], what.shift);
    const double least = std::min(65535.0, std::ceil(std::abs(constant) / kMaxBias));
    what.multiplier[i] = std::max(what.multiplier[i], static_cast<uint16_t>(least));
    if (what.multiplier[i] > 0) bias[i] += constant / what.multiplier[i];
  }
  what.bias = rounded(bias);
}

class Quantizer {
 public:
  Quantizer(const ir::Graph& graph, const Scales& scales, const in::Bits& bits)
      : spec_(graph.spec), scales_(scales), bits_(bits) {}

  in::Graph convert(const std::vector<Unit>& units) {
    in::Graph graph{spec_, bits_, 1, operations(units, nullptr)};
    graph.logit_scale = logit_scale_;
    return graph;
  }

 private:
  std::vector<in::Op> operations(const std::vector<Unit>& units, const ir::OdeLoop* loop) {
    std::vector<in::Op> ops;
    for (const Unit& unit : units) ops.push_back({unit.name, operation(unit, loop)});
    return ops;
  }

  decltype(in::Op::what) operation(const Unit& unit, const ir::OdeLoop* loop) {
    switch (unit.kind) {
      case Unit::Kind::kStem:
        return stem(unit, std::get<ir::Conv>(unit.op->what));
      case Unit::Kind::kNorm:
      case Unit::Kind::kCast:
        return affine(unit);
      case Unit::Kind::kDepthwise:
        return depthwise(unit, std::get<ir::DwConv>(unit.op->what));
      case Unit::Kind::kPointwise:
        return pointwise(unit, std::get<ir::PwConv>(unit.op->what), loop);
      case Unit::Kind::kPool:
        return pool(unit);
      case Unit::Kind::kLinear:
        return linear(unit, std::get<ir::Linear>(unit.op->what));
      case Unit::Kind::kLoop: {
        const auto& inner = std::get<ir::OdeLoop>(unit.op->what);
        return in::OdeLoop{inner.solver, inner.steps, operations(unit.body, &inner)};
      }
    }
    DSODE_CHECK(false, "{}", unit.name);
  }

  const Floats& scale(const std::string& key) const {
    const auto found = scales_.find(key);
    DSODE_CHECK(found != scales_.end(), "{}", key);
    return found->second;
  }
  const Floats& weight_scale(const Unit& unit) const { return scale(unit.name + ".weight"); }
  double state_step(const Unit& unit) const { return scale(unit.state)[0]; }

  // Quantised weights of `unit`, `sign[k]` times each.
  std::vector<int8_t> weights(const Unit& unit, const Reals& sign) const {
    const Floats real = operand_weights(unit, scales_, spec_);
    const Floats& step = weight_scale(unit);
    std::vector<int8_t> result;
    for (size_t i = 0; i < real.size(); ++i) {
      const size_t k = i % step.size();
      result.push_back(static_cast<int8_t>(
          quantized(sign[k] * real[i], step[k], -bits_.weight_max(), bits_.weight_max())));
    }
    return result;
  }

  in::Conv stem(const Unit& unit, const ir::Conv& conv) const {
    in::Conv result{.out = conv.out, .zero = {}, .weight = {}, .bias = {}, .multiplier = {}};
    const Floats& step = weight_scale(unit);
    Reals rest;  // by how much an integer zero lies off the mean, in pixel steps
    for (const float mean : spec_.normalization.mean) {
      result.zero.push_back(static_cast<uint8_t>(quantized(255.0 * mean, 1, 0, 255)));
      rest.push_back(result.zero.back() - 255.0 * mean);
    }
    Epilogue epilogue = fold(unit.name, {unit.affine()}, step, real_bias(conv.bias),
                             [&](size_t) { return state_step(unit); });
    result.weight = weights(unit, epilogue.sign);
    for (size_t i = 0; i < result.weight.size(); ++i)
      epilogue.bias[i % step.size()] += result.weight[i] * rest[(i / step.size()) % rest.size()];
    encode(unit.name, epilogue, result);
    return result;
  }

  in::Affine affine(const Unit& unit) const {
    const Floats& step = scale(unit.name);
    const Norm norm{unit.affine()};
    in::Affine result{.rows = norm.rows(), .relu = unit.kind == Unit::Kind::kNorm, .scale = {}, .bias = {}};
    Reals scales, biases;
    for (size_t i = 0; i < step.size() * static_cast<size_t>(norm.rows()); ++i) {
      const double out = step[i % step.size()];
      scales.push_back(norm.scale(i) * state_step(unit) / out);
      biases.push_back(norm.bias(i) / out);
    }
    result.shift = common_shift(unit.name, {{&scales, 32767.0}, {&biases, 2147483647.0}});
    result.scale = fixed_point<int16_t>(scales, result.shift);
    result.bias = fixed_point<int32_t>(biases, result.shift);
    return result;
  }

  in::DwConv depthwise(const Unit& unit, const ir::DwConv& conv) const {
    const Floats &step = weight_scale(unit), &out = scale(unit.name);
    in::DwConv result{
        .stride = conv.stride, .weight = weights(unit, Reals(step.size(), 1)), .multiplier = {}};
    Reals factors;
    for (size_t c = 0; c < step.size(); ++c) factors.push_back(step[c] / out[c]);
    encode_multipliers(unit.name, factors, result);
    return result;
  }

  in::PwConv pointwise(const Unit& unit, const ir::PwConv& conv, const ir::OdeLoop* loop) const {
    const Floats& step = weight_scale(unit);
    Epilogue epilogue = fold(unit.name, {unit.affine()}, step, real_bias(conv.bias), [&](size_t k) {
      return unit.to == "activation" ? double{scale(unit.name)[k]} : state_step(unit);
    });
    if (unit.to == "increment") epilogue = by_stage(epilogue, *loop);
    in::PwConv result{.out = conv.out,
                      .to = unit.to,
                      .rows = static_cast<int>(epilogue.factor.size()) / conv.out,
                      .timed = conv.timed,
                      .weight = weights(unit, epilogue.sign),
                      .bias = {},
                      .time = {},
                      .multiplier = {}};
    if (conv.timed) {
      Reals half_step;
      for (size_t i = 0; i < conv.time.size(); ++i)
        half_step.push_back(epilogue.sign[i % step.size()] * conv.time[i] /
                            (2.0 * loop->steps * step[i % step.size()]));
      result.time = rounded(half_step);
    }
    encode(unit.name, epilogue, result);
    return result;
  }

  // A row for each stage of the solver, times what the stage's slope adds to the state that is read next.
  static Epilogue by_stage(const Epilogue& one, const ir::OdeLoop& loop) {
    const ode::Tableau& tableau = loop.tableau();
    Epilogue result{{}, {}, {}, one.sign};
    for (int stage = 0; stage < tableau.stages; ++stage) {
      const bool closes = stage + 1 == tableau.stages;
      const double h = (closes ? tableau.b[stage] : tableau.a[stage + 1][stage]) / loop.steps;
      for (const double factor : one.factor) result.factor.push_back(h * factor);
      result.bias.insert(result.bias.end(), one.bias.begin(), one.bias.end());
      result.constant.insert(result.constant.end(), one.constant.begin(), one.constant.end());
    }
    return result;
  }

  in::Pool pool(const Unit& unit) const {
    const Floats &step = scale(unit.operand), &out = scale(unit.name);
    const Shape map = spec_.stage_shape(spec_.stages() - 1);
    Reals factors;
    for (size_t c = 0; c < step.size(); ++c) factors.push_back(step[c] / (double(map.h) * map.w * out[c]));
    in::Pool result;
    encode_multipliers(unit.name, factors, result);
    return result;
  }

  in::Linear linear(const Unit& unit, const ir::Linear& linear) {
    const Floats& step = weight_scale(unit);
    logit_scale_ = *std::ranges::max_element(step);
    const Epilogue epilogue =
        fold(unit.name, {nullptr}, step, real_bias(linear.bias), [&](size_t) { return logit_scale_; });
    in::Linear result{
        .out = linear.out, .weight = weights(unit, epilogue.sign), .bias = {}, .multiplier = {}};
    encode(unit.name, epilogue, result);
    return result;
  }

  static Reals real_bias(const Floats& bias) { return {bias.begin(), bias.end()}; }

  const ir::ModelSpec& spec_;
  const Scales& scales_;
  const in::Bits& bits_;
  double logit_scale_ = 1;
};

}  // namespace

Floats operand_weights(const Unit& unit, const Scales& scales, const ir::ModelSpec& spec) {
  Floats steps;
  if (unit.kind == Unit::Kind::kStem)
    for (const float std : spec.normalization.std) steps.push_back(1 / (255 * std));
  else
    steps = scales.at(unit.operand);
  const size_t out =
      unit.kind == Unit::Kind::kDepthwise ? 1 : static_cast<size_t>(ir::output_shape(*unit.op, {1, 1, 1}).c);
  Floats weight = weight_of(*unit.op);
  for (size_t i = 0; i < weight.size(); ++i) weight[i] *= steps[(i / out) % steps.size()];
  return weight;
}

in::Graph quantize(const ir::Graph& graph, const Scales& scales, const in::Bits& bits) {
  in::Graph result = Quantizer(graph, scales, bits).convert(units_of(graph));
  in::check(result, "quantisation");
  return result;
}

}  // namespace dsode::quant
