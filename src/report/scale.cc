#include "report/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dsode::report {

bool plottable(double value) { return std::abs(value) < 1e100; }

Range range_of(std::span<const double> values) {
  Range range{HUGE_VAL, -HUGE_VAL};
  for (const double v : values) {
    if (!plottable(v)) continue;
    range.lo = std::min(range.lo, v);
    range.hi = std::max(range.hi, v);
  }
  if (range.lo > range.hi) return {};
  const double size = std::max(std::abs(range.lo), std::abs(range.hi));
  if (range.hi - range.lo > 1e-9 * size) return range;
  const double half = size > 0 ? 0.05 * size : 0.5;
  return {range.lo - half, range.hi + half};
}

Range padded(Range range, double share) {
  const double pad = share * (range.hi - range.lo);
  return {range.lo - pad, range.hi + pad};
}

Axis nice_axis(Range range, int count) {
  const double raw = (range.hi - range.lo) / std::max(count, 1);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double lead = raw / power;
  Axis axis;
  axis.step_ = power * (lead < 1.4 ? 1 : lead < 3.2 ? 2 : lead < 7.1 ? 5 : 10);
  // The slack keeps a range that ends on a tick, up to rounding, from gaining another one.
  const double first = std::floor(range.lo / axis.step_ + 1e-6);
  const double last = std::ceil(range.hi / axis.step_ - 1e-6);
  const int ticks = std::clamp(static_cast<int>(last - first), 1, 2 * std::max(count, 1) + 2);
  for (int i = 0; i <= ticks; ++i) axis.ticks.push_back((first + i) * axis.step_);
  axis.range = {axis.ticks.front(), axis.ticks.back()};
  return axis;
}

std::string Axis::label(double tick) const {
  const double size = std::max(std::abs(range.lo), std::abs(range.hi));
  if (size >= 1e6 || size < 1e-4) return fmt::format("{:.3g}", tick);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step_) + 1e-9)));
  return fmt::format("{:.{}f}", tick == 0 ? 0.0 : tick, decimals);
}

}  // namespace dsode::report
