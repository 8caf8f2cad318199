// From data to pixels: ranges, axes with round ticks, linear scales.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace dsode::report {

// Whether a value can be placed on an axis: finite, and small enough that differences stay finite.
bool plottable(double value);

struct Range {
  double lo = 0;
  double hi = 1;
};

// The range of the plottable values, [0, 1] where there are none, widened about a constant.
Range range_of(std::span<const double> values);
// The range grown by `share` of its length on both sides.
Range padded(Range range, double share);

struct Axis {
  Range range;                // ends on ticks
  std::vector<double> ticks;  // round: 1, 2 or 5 times a power of ten apart
  std::string label(double tick) const;

 private:
  friend Axis nice_axis(Range, int);
  double step_ = 1;
};

// An axis that covers `range` with about `count` ticks, never more than 2 * count + 3.
Axis nice_axis(Range range, int count);

// Maps `range` linearly onto pixels [from, to]; values outside land outside.
class Scale {
 public:
  Scale(Range range, double from, double to) : range_(range), from_(from), to_(to) {}
  double operator()(double value) const {
    return from_ + (value - range_.lo) / (range_.hi - range_.lo) * (to_ - from_);
  }

 private:
  Range range_;
  double from_, to_;
};

}  // namespace dsode::report
