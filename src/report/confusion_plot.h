// A confusion matrix as a heat map.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dsode::report {

struct ConfusionPlot {
  std::string title;
  std::vector<std::string> names;            // K class names
  std::vector<std::vector<int64_t>> counts;  // [true][predicted], K x K; missing cells count as 0
};

// Cells show the share of their row in percent: right answers in the accent colour, mistakes in the warm one.
std::string draw(const ConfusionPlot& plot);

}  // namespace dsode::report
