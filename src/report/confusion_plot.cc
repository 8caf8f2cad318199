#include "report/confusion_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/svg.h"

namespace dsode::report {
namespace {

constexpr double kWidth = 420;
constexpr size_t kMaxLabelled = 20;  // above it neither names nor numbers can be read

double row_total(const std::vector<int64_t>& row) {
  return std::accumulate(row.begin(), row.end(), 0.0, [](double sum, int64_t count) {
    return sum + static_cast<double>(std::max<int64_t>(count, 0));
  });
}

struct Layout {
  size_t classes;
  double left, top, cell;
  bool labelled;
};

Layout layout_of(const ConfusionPlot& plot) {
  const size_t classes = plot.counts.size();
  const bool labelled = classes <= kMaxLabelled;
  double names = 0;
  for (const std::string& name : plot.names) names = std::max(names, text_width(shorten(name, 13), 12));
  const double left = labelled ? names + 10 : 4;
  // Names above are turned by 45 degrees: they need 0.71 of their length, upwards and past the last column.
  const double slant = labelled ? 0.71 * names + 6 : 0;
  const double cell =
      (kWidth - left - std::min(slant, 46.0)) / static_cast<double>(std::max<size_t>(classes, 1));
  return {classes, left, slant + 22, std::min(cell, 60.0), labelled};
}

void draw_names(Svg& svg, const ConfusionPlot& plot, const Layout& l) {
  for (size_t i = 0; i < std::min(l.classes, plot.names.size()); ++i) {
    const std::string name = shorten(plot.names[i], 13);
    const double center = (static_cast<double>(i) + 0.5) * l.cell;
    svg.text(l.left - 8, l.top + center + 4, name, "end");
    svg.turned_text(l.left + center, l.top - 7, -45, name, "start");
  }
}

void draw_row(Svg& svg, const std::vector<int64_t>& row, size_t i, const Layout& l) {
  const double total = row_total(row), gap = l.cell > 8 ? 1 : 0;
  for (size_t j = 0; j < std::min(row.size(), l.classes); ++j) {
    if (total <= 0 || row[j] <= 0) continue;
    const double share = static_cast<double>(row[j]) / total;
    const double x = l.left + static_cast<double>(j) * l.cell, y = l.top + static_cast<double>(i) * l.cell;
    // The power lets small confusions be seen.
    const double opacity = std::max(0.04, std::pow(share, 0.7));
    svg.rect(x, y, l.cell - gap, l.cell - gap, i == j ? "fill accent" : "fill warm", opacity);
    const long percent = std::lround(100 * share);
    if (l.labelled && l.cell >= 17 && percent >= 1)
      svg.text(x + (l.cell - gap) / 2, y + l.cell / 2 + 3.5, fmt::format("{}", percent), "middle",
               opacity > 0.6 ? "cell on" : "cell");
  }
}

}  // namespace

std::string draw(const ConfusionPlot& plot) {
  const Layout l = layout_of(plot);
  double right = 0, total = 0;
  for (size_t i = 0; i < l.classes; ++i) {
    total += row_total(plot.counts[i]);
    if (i < plot.counts[i].size()) right += static_cast<double>(std::max<int64_t>(plot.counts[i][i], 0));
  }
  const double side = l.cell * static_cast<double>(l.classes);
  Svg svg(
      kWidth, l.top + side + 4, plot.title,
      fmt::format(
          "Rows are true classes, columns predictions, cells percent of their row. {:.0f} of {:.0f} on the "
          "diagonal.",
          right, total));
  svg.text(0, 12, "true class ↓  predicted →");
  svg.rect(l.left, l.top, side, side, "frame");
  if (l.labelled) draw_names(svg, plot, l);
  for (size_t i = 0; i < l.classes; ++i) draw_row(svg, plot.counts[i], i, l);
  return svg.str();
}

}  // namespace dsode::report
