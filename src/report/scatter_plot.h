// Points in the plane coloured by group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dsode::report {

struct ScatterPlot {
  std::string title;
  std::vector<double> x, y;         // [N]; points that are not finite are left out
  std::vector<int64_t> group;       // [N] index into names; others are left out
  std::vector<std::string> names;   // G group names
  std::vector<std::string> colors;  // [G] colour classes of svg.h, or empty for one each
  bool label_groups = false;        // names stand at the tops of the groups instead of in a legend
};

std::string draw(const ScatterPlot& plot);

}  // namespace dsode::report
