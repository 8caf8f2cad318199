#include "report/interval_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/scale.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

constexpr double kWidth = 420, kLeft = 8, kRight = 412, kRowHeight = 46, kAxisHeight = 26;

Range covered(const IntervalChart& chart) {
  std::vector<double> ends;
  for (const IntervalRow& row : chart.rows) ends.insert(ends.end(), {row.value, row.lo, row.hi});
  const Range range = range_of(ends);
  return chart.unit == "%" ? Range{std::max(0.0, range.lo), std::min(100.0, range.hi)} : range;
}

std::string description(const IntervalChart& chart) {
  std::string out;
  for (const IntervalRow& row : chart.rows)
    out +=
        fmt::format("{}: {:.1f} {} ({:.1f} to {:.1f}). ", row.label, row.value, chart.unit, row.lo, row.hi);
  return out;
}

void draw_row(Svg& svg, const IntervalRow& row, const std::string& unit, const Scale& x, double y) {
  svg.text(kLeft, y - 13, shorten(row.label, 44), "start", row.color == "accent" ? "strong" : "ink");
  if (!plottable(row.value)) return svg.text(kRight, y - 13, "no value", "end");
  svg.text(kRight, y - 13, fmt::format("{:.1f} {}", row.value, unit), "end",
           row.color == "accent" ? "strong" : "ink");
  svg.line(kLeft, y, kRight, y, "grid");
  if (plottable(row.lo) && plottable(row.hi))
    svg.line(x(row.lo), y, x(row.hi), y, fmt::format("whisker {}", row.color));
  svg.circle(x(row.value), y, 4.5, fmt::format("fill {}", row.color));
}

}  // namespace

std::string draw(const IntervalChart& chart) {
  const double bottom = kRowHeight * static_cast<double>(chart.rows.size()) + 4;
  Svg svg(kWidth, bottom + kAxisHeight, chart.title, description(chart));
  const Axis axis = nice_axis(range_of(std::vector{covered(chart).lo, covered(chart).hi}), 5);
  const Scale x(axis.range, kLeft + 6, kRight - 6);
  for (size_t i = 0; i < chart.rows.size(); ++i)
    draw_row(svg, chart.rows[i], chart.unit, x, kRowHeight * static_cast<double>(i) + 28);
  for (const double tick : axis.ticks) {
    svg.line(x(tick), bottom, x(tick), bottom + 4, "axis");
    svg.text(x(tick), bottom + 18, axis.label(tick), "middle");
  }
  svg.line(x(axis.range.lo), bottom, x(axis.range.hi), bottom, "axis");
  return svg.str();
}

std::string draw_change(double before, double after, std::string_view label) {
  Svg svg(220, 14, label, "");
  const Scale x({0, 100}, 5, 215);
  svg.line(x(0), 7, x(100), 7, "grid");
  const bool worse = after < before;
  const char* color = worse ? "warm" : "accent";
  if (plottable(before) && plottable(after))
    svg.line(x(before), 7, x(after), 7, fmt::format("stroke {}", color));
  if (plottable(before)) svg.circle(x(before), 7, 3.6, "fill muted");
  if (plottable(after)) svg.circle(x(after), 7, 4.2, fmt::format("fill {}", color));
  return svg.str();
}

}  // namespace dsode::report
