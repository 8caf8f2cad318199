#include "report/scatter_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/scale.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

constexpr double kSide = 420, kLegend = 24;
constexpr size_t kPasses = 8;        // groups are painted in turns, so that none lies on top of all others
constexpr size_t kMaxLabelled = 20;  // names of more groups would cover the points

size_t group_count(const ScatterPlot& plot) { return plot.names.size(); }

bool drawn(const ScatterPlot& p, size_t i) {
  return plottable(p.x[i]) && plottable(p.y[i]) && p.group[i] >= 0 &&
         static_cast<size_t>(p.group[i]) < group_count(p);
}

std::string color_of(const ScatterPlot& plot, size_t group) {
  return group < plot.colors.size() ? plot.colors[group] : category_class(group);
}

// The value that `share` of the values of a non-empty list lie below.
double quantile(std::vector<double> values, double share) {
  const double rank = share * static_cast<double>(values.size() - 1);
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

struct Frame {
  std::vector<size_t> shown;  // indices of the points that are drawn
  Scale x, y;
};

Frame frame_of(const ScatterPlot& plot) {
  const size_t n = std::min({plot.x.size(), plot.y.size(), plot.group.size()});
  std::vector<size_t> shown;
  std::vector<double> xs, ys;
  for (size_t i = 0; i < n; ++i) {
    if (!drawn(plot, i)) continue;
    shown.push_back(i);
    xs.push_back(plot.x[i]);
    ys.push_back(plot.y[i]);
  }
  return {std::move(shown), Scale(padded(range_of(xs), 0.03), 0, kSide),
          Scale(padded(range_of(ys), 0.03), kLegend + kSide, kLegend)};
}

void draw_points(Svg& svg, const ScatterPlot& plot, const Frame& f) {
  for (size_t pass = 0; pass < kPasses; ++pass) {
    std::vector<std::string> data(group_count(plot));
    for (size_t k = pass; k < f.shown.size(); k += kPasses) {
      const size_t i = f.shown[k];
      data[static_cast<size_t>(plot.group[i])] +=
          fmt::format("M{:.1f} {:.1f}h0", f.x(plot.x[i]), f.y(plot.y[i]));
    }
    for (size_t g = 0; g < data.size(); ++g) svg.path(data[g], fmt::format("dots {}", color_of(plot, g)));
  }
}

struct Label {
  double x, y;
  std::string text;
};

// Moves labels that share their place downwards until each has a line of its own.
void spread(std::vector<Label>& labels) {
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  for (size_t i = 1; i < labels.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const double reach = (text_width(labels[i].text, 12) + text_width(labels[j].text, 12)) / 2 + 8;
      if (std::abs(labels[i].x - labels[j].x) < reach && labels[i].y < labels[j].y + 14 &&
          labels[i].y > labels[j].y - 14)
        labels[i].y = labels[j].y + 14;
    }
}

void label_groups(Svg& svg, const ScatterPlot& plot, const Frame& f) {
  std::vector<Label> labels;
  for (size_t g = 0; g < group_count(plot); ++g) {
    std::vector<double> xs, ys;
    for (const size_t i : f.shown) {
      if (static_cast<size_t>(plot.group[i]) != g) continue;
      xs.push_back(f.x(plot.x[i]));
      ys.push_back(f.y(plot.y[i]));
    }
    if (!xs.empty()) labels.push_back({quantile(xs, 0.5), quantile(ys, 0.1) - 4, shorten(plot.names[g], 16)});
  }
  spread(labels);
  for (const Label& label : labels) {
    const double half = text_width(label.text, 12) / 2;
    svg.text(std::clamp(label.x, half, kSide - half), std::max(label.y, kLegend + 13), label.text, "middle",
             "halo");
  }
}

void draw_legend(Svg& svg, const ScatterPlot& plot) {
  double x = 0;
  for (size_t g = 0; g < group_count(plot); ++g) {
    const std::string name = shorten(plot.names[g], 24);
    svg.circle(x + 5, 8, 4.5, fmt::format("fill {}", color_of(plot, g)));
    svg.text(x + 15, 12, name, "start", "ink");
    x += 15 + text_width(name, 12) + 18;
    if (x > kSide - 60) return;
  }
}

}  // namespace

std::string draw(const ScatterPlot& plot) {
  const Frame frame = frame_of(plot);
  Svg svg(kSide, kLegend + kSide, plot.title,
          fmt::format("{} points in {} groups.", frame.shown.size(), group_count(plot)));
  svg.rect(0, kLegend, kSide, kSide, "frame");
  draw_points(svg, plot, frame);
  const bool label = plot.label_groups && group_count(plot) <= kMaxLabelled;
  if (label) label_groups(svg, plot, frame);
  if (!plot.label_groups) draw_legend(svg, plot);
  return svg.str();
}

}  // namespace dsode::report
