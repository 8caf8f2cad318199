// Curves over epochs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dsode::report {

struct Series {
  std::string name;
  std::vector<double> x, y;  // points that are not finite leave a gap
};

// A place on the x axis worth pointing at, such as the epoch that was picked.
struct Mark {
  double x = 0;
  std::string label;
};

struct LineChart {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  std::optional<Mark> mark;
};

std::string draw(const LineChart& chart);

}  // namespace dsode::report
