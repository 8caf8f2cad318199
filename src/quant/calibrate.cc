#include "quant/calibrate.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/progress.h"
#include "ir/interpret.h"
#include "quant/quantize.h"

namespace dsode::quant {

using ir::Floats;
using ir::Op;

namespace {

constexpr int kBins = 2048;
// A channel that hardly moves still gets a step in reach of its neighbours': they share a shift.
constexpr float kNarrowest = 1.0F / 128;

// Magnitudes of one channel.
struct Histogram {
  float max = 0;
  double squares = 0;                 // sum of x^2
  std::vector<uint32_t> counts = {};  // of |x| in kBins equal bins up to max, exact zeros left out

  float middle(int bin) const { return max * (static_cast<float>(bin) + 0.5F) / kBins; }
};

// Of the steps by which `levels` of them span `least` percent of `extent` or more, that of the smallest
// error(step).
template <class Error>
float best_step(float extent, int levels, int least, const Error& error) {
  double smallest = INFINITY;
  float best = 0;
  for (int percent = least; percent <= 100; percent += 2) {
    const float step = extent * static_cast<float>(percent) / 100 / static_cast<float>(levels);
    const double lost = error(step);
    if (lost < smallest) smallest = lost, best = step;
  }
  return best;
}

float least_error_step(const Histogram& h, int levels) {
  if (h.max == 0) return 0;
  return best_step(h.max, levels, 20, [&](float step) {
    double error = 0;
    for (int bin = 0; bin < kBins; ++bin) {
      const float x = h.middle(bin), lost = x - static_cast<float>(quantized(x, step, 0, levels)) * step;
      error += h.counts[static_cast<size_t>(bin)] * double{lost} * lost;
    }
    return error;
  });
}

float percentile_step(const Histogram& h, int levels, double percentile, double values) {
  double above = (1 - percentile / 100) * values;
  int bin = kBins - 1;
  while (bin > 0 && (above -= h.counts[static_cast<size_t>(bin)]) >= 0) --bin;
  return h.max * static_cast<float>(bin + 1) / kBins / static_cast<float>(levels);
}

// Watches the maps of units and the states of loops: first their extent, then how they are distributed.
class Watch : public ir::Probe {
 public:
  explicit Watch(const std::vector<Unit>& units) {
    for_each_unit(units, [&](const Unit& unit) {
      if (unit.has_map()) maps_[unit.result];
    });
  }

  struct Seen {
    uint64_t values = 0;  // a channel
    std::vector<Histogram> channels;
  };

  void count_bins() {
    counting_ = true;
    for (auto& [op, seen] : maps_)
      for (Histogram& channel : seen.channels) channel.counts.assign(kBins, 0);
  }

  void after(const Op& op, int, Shape shape, std::span<float> map) override {
    const auto found = maps_.find(&op);
    if (found == maps_.end()) return;
    Seen& seen = found->second;
    seen.channels.resize(static_cast<size_t>(shape.c));
    if (counting_) seen.values += shape.size() / static_cast<size_t>(shape.c);
    for (size_t i = 0; i < map.size(); ++i) {
      Histogram& channel = seen.channels[i % seen.channels.size()];
      const float x = std::abs(map[i]);
      if (!std::isfinite(x)) throw not_finite(op, map[i]);
      if (!counting_) {
        channel.max = std::max(channel.max, x);
      } else if (x > 0) {
        channel.squares += double{x} * x;
        ++channel.counts[static_cast<size_t>(std::min(kBins - 1, static_cast<int>(x / channel.max * kBins)))];
      }
    }
  }

  void state(const Op& loop, Shape, std::span<float> map) override {
    float& max = states_[loop.name];
    for (const float z : map) {
      if (!std::isfinite(z)) throw not_finite(loop, z);
      max = std::max(max, std::abs(z));
    }
  }

  const Seen& seen(const Unit& unit) const { return maps_.at(unit.result); }
  float extent(const std::string& loop) const { return states_.at(loop); }

 private:
  static Error not_finite(const Op& op, float value) {
    return ir::refuse_op("calibration", op.name, fmt::format("gives {}", value),
                         "the model's training diverged: use an earlier checkpoint");
  }

  bool counting_ = false;
  std::map<const Op*, Seen> maps_;
  std::map<std::string, float> states_;
};

// The step of a row of weights that loses the least, each weight counted with `importance`.
float weight_step(const Floats& weights, const Floats& importance, int max) {
  float extent = 0;
  for (const float w : weights) extent = std::max(extent, std::abs(w));
  if (extent == 0) return 1;
  return best_step(extent, max, 40, [&](float step) {
    double error = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      const double lost = weights[i] - double{step} * quantized(weights[i], step, -max, max);
      error += importance[i] * lost * lost;
    }
    return error;
  });
}

class Calibrator {
 public:
  Calibrator(const ir::Graph& graph, const ir::integer::Bits& bits, const CalibrationOptions& options)
      : graph_(graph), bits_(bits), options_(options), units_(units_of(graph)), watch_(units_) {}

  Scales run(const data::Images& images) {
    Progress progress("calibrating", "images", 2 * int64_t{images.n});
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1) watch_.count_bins();
      for (int i = 0; i < images.n; ++i, progress.advance(1))
        ir::interpret(graph_, ir::normalized(graph_.spec, images[i]), &watch_);
    }
    for_each_unit(units_, [&](const Unit& unit) {
      if (unit.has_map()) scales_[unit.name] = map_steps(unit);
      if (unit.kind == Unit::Kind::kLoop) scales_[unit.name] = {state_step(unit)};
    });
    for_each_unit(units_, [&](const Unit& unit) {
      if (unit.has_weight()) scales_[unit.name + ".weight"] = weight_steps(unit);
    });
    return std::move(scales_);
  }

 private:
  Floats map_steps(const Unit& unit) const {
    const Watch::Seen& seen = watch_.seen(unit);
    const int levels = unit.range(bits_).hi;
    Floats steps;
    for (const Histogram& channel : seen.channels)
      steps.push_back(options_.ranges == "mse"
                          ? least_error_step(channel, levels)
                          : percentile_step(channel, levels, options_.percentile, double(seen.values)));
    const float widest = *std::ranges::max_element(steps);
    for (float& step : steps) step = widest > 0 ? std::max(step, widest * kNarrowest) : 1;
    return steps;
  }

  float state_step(const Unit& unit) const {
    const float extent = watch_.extent(unit.name);
    return extent > 0 ? 2 * extent / static_cast<float>(bits_.state_max()) : 1;
  }

  Floats weight_steps(const Unit& unit) const {
    const Floats weights = operand_weights(unit, scales_, graph_.spec);
    const size_t outputs = unit.kind == Unit::Kind::kDepthwise ? scales_.at(unit.name).size()
                                                               : static_cast<size_t>(out_channels(*unit.op));
    const Floats power = operand_power(unit);
    Floats steps;
    for (size_t k = 0; k < outputs; ++k) {
      Floats row, importance;
      for (size_t i = k; i < weights.size(); i += outputs) {
        row.push_back(weights[i]);
        importance.push_back(unit.kind == Unit::Kind::kDepthwise ? 1 : power[(i / outputs) % power.size()]);
      }
      steps.push_back(weight_step(row, importance, bits_.weight_max()));
    }
    const float widest = *std::ranges::max_element(steps);
    for (float& step : steps) step = std::max(step, widest * kNarrowest);
    return steps;
  }

  static int out_channels(const Op& op) { return ir::output_shape(op, {1, 1, 1}).c; }

  // Mean square of the operand in steps, by input channel; 1 for pixels.
  Floats operand_power(const Unit& unit) const {
    if (unit.operand.empty()) return Floats(static_cast<size_t>(graph_.spec.input.c), 1.0F);
    const Floats& steps = scales_.at(unit.operand);
    Floats power;
    for_each_unit(units_, [&](const Unit& operand) {
      if (operand.name != unit.operand) return;
      const Watch::Seen& seen = watch_.seen(operand);
      for (size_t c = 0; c < steps.size(); ++c)
        power.push_back(static_cast<float>(
            seen.channels[c].squares / double(seen.values) / (double{steps[c]} * steps[c]) + 1e-6));
    });
    return power;
  }

  const ir::Graph& graph_;
  const ir::integer::Bits& bits_;
  const CalibrationOptions& options_;
  std::vector<Unit> units_;
  Watch watch_;
  Scales scales_;
};

void require_varied(const data::UnlabelledSet& set) {
  if (set.images.n == 0)
    throw bad_input(fmt::format("{}: no images to calibrate with", set.name), "name a set that has some");
  const auto& pixels = set.images.pixels;
  if (std::ranges::all_of(pixels, [&](uint8_t p) { return p == pixels.front(); }))
    throw bad_input(fmt::format("{}: every pixel is {}: nothing to calibrate with", set.name, pixels.front()),
                    "name a set of pictures like those the model will see");
}

}  // namespace

Scales calibrate(const ir::Graph& graph, const data::UnlabelledSet& set, const ir::integer::Bits& bits,
                 const CalibrationOptions& options) {
  require_varied(set);
  return Calibrator(graph, bits, options).run(set.images);
}

}  // namespace dsode::quant
