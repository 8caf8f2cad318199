#include "report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/scale.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

constexpr double kWidth = 420, kBottom = 226, kHeight = 262;

std::string_view series_class(size_t i) {
  static constexpr std::array<std::string_view, 6> kClasses = {"accent", "warm", "muted", "c1", "c3", "c8"};
  return kClasses[i % kClasses.size()];
}

size_t points(const Series& series) { return std::min(series.x.size(), series.y.size()); }
bool has_point(const Series& s, size_t i) { return plottable(s.x[i]) && plottable(s.y[i]); }

// The axes' ranges see only points that are drawn.
Range data_range(const LineChart& chart, bool of_x) {
  std::vector<double> values;
  for (const Series& s : chart.series)
    for (size_t i = 0; i < points(s); ++i)
      if (has_point(s, i)) values.push_back(of_x ? s.x[i] : s.y[i]);
  return range_of(values);
}

struct Frame {
  double left, right, top;
  Scale x, y;
};

void draw_axes(Svg& svg, const LineChart& chart, const Frame& f, const Axis& x, const Axis& y) {
  for (const double tick : y.ticks) {
    svg.line(f.left, f.y(tick), f.right, f.y(tick), "grid");
    svg.text(f.left - 8, f.y(tick) + 4, y.label(tick), "end");
  }
  for (const double tick : x.ticks) {
    svg.line(f.x(tick), kBottom, f.x(tick), kBottom + 4, "axis");
    svg.text(f.x(tick), kBottom + 18, x.label(tick), "middle");
  }
  svg.line(f.left, kBottom, f.right, kBottom, "axis");
  svg.text(0, 12, shorten(chart.y_label, 60));
  svg.text(f.right, kHeight - 2, shorten(chart.x_label, 50), "end");
}

// Names with a swatch under the y label, wrapped; returns the y below them. One series needs no name.
double draw_legend(Svg& svg, const LineChart& chart) {
  if (chart.series.size() < 2) return 26;
  double x = 0, y = 32;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const std::string name = shorten(chart.series[i].name, 28);
    const double width = 22 + text_width(name, 12) + 14;
    if (x > 0 && x + width > kWidth) x = 0, y += 18;
    svg.line(x, y - 4, x + 16, y - 4, fmt::format("stroke {}", series_class(i)));
    svg.text(x + 22, y, name, "start", "ink");
    x += width;
  }
  return y + 16;
}

void draw_series(Svg& svg, const Series& s, const Frame& f, std::string_view color) {
  std::string data;
  bool pen_down = false;
  size_t drawn = 0, last = 0;
  for (size_t i = 0; i < points(s); ++i) {
    if (has_point(s, i)) {
      data += fmt::format("{}{} {}", pen_down ? 'L' : 'M', coordinate(f.x(s.x[i])), coordinate(f.y(s.y[i])));
      if (!pen_down) data += "h0";  // a lone point between gaps shows as a dot
      ++drawn, last = i;
    }
    pen_down = has_point(s, i);
  }
  svg.path(data, fmt::format("stroke {}", color));
  if (drawn > 0) svg.circle(f.x(s.x[last]), f.y(s.y[last]), 3.5, fmt::format("fill {}", color));
}

void draw_mark(Svg& svg, const LineChart& chart, const Frame& f, Range x_range) {
  const Mark& mark = *chart.mark;
  if (!(mark.x >= x_range.lo && mark.x <= x_range.hi)) return;
  const double x = f.x(mark.x);
  svg.line(x, f.top, x, kBottom, "dash");
  for (size_t k = 0; k < chart.series.size(); ++k) {
    const Series& s = chart.series[k];
    for (size_t i = 0; i < points(s); ++i)
      if (has_point(s, i) && s.x[i] == mark.x)
        svg.circle(x, f.y(s.y[i]), 5, fmt::format("ring {}", series_class(k)));
  }
  const std::string label = shorten(mark.label, 30);
  const bool room_right = x + 8 + text_width(label, 12) < f.right;
  svg.text(room_right ? x + 8 : x - 8, kBottom - 8, label, room_right ? "start" : "end", "halo");
}

std::string description(const LineChart& chart) {
  std::string out;
  for (const Series& s : chart.series) {
    const size_t n = points(s);
    if (n > 0)
      out += fmt::format("{}: {:.4g} at {:.4g} to {:.4g} at {:.4g}. ", s.name, s.y[0], s.x[0], s.y[n - 1],
                         s.x[n - 1]);
  }
  return out;
}

}  // namespace

std::string draw(const LineChart& chart) {
  Svg svg(kWidth, kHeight, chart.title, description(chart));
  const Range x_range = data_range(chart, true);
  Axis x = nice_axis(x_range, 5);
  std::erase_if(x.ticks, [&](double tick) {  // the x axis ends with the data, not with a tick
    const double slack = 1e-9 * (x_range.hi - x_range.lo);
    return tick < x_range.lo - slack || tick > x_range.hi + slack;
  });
  const Axis y = nice_axis(data_range(chart, false), 4);
  const double top = draw_legend(svg, chart);
  double left = 0;
  for (const double tick : y.ticks) left = std::max(left, text_width(y.label(tick), 12.5) + 10);
  const double right = kWidth - 8;
  const Frame frame{left, right, top, Scale(x_range, left + 4, right), Scale(y.range, kBottom, top)};
  draw_axes(svg, chart, frame, x, y);
  for (size_t i = 0; i < chart.series.size(); ++i) draw_series(svg, chart.series[i], frame, series_class(i));
  if (chart.mark) draw_mark(svg, chart, frame, x_range);
  return svg.str();
}

}  // namespace dsode::report
