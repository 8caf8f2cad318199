// Estimates with their intervals, one a row, on one axis.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsode::report {

struct IntervalRow {
  std::string label;
  double value = 0, lo = 0, hi = 0;  // in the axis' unit
  std::string color = "muted";       // a colour class of svg.h
};

struct IntervalChart {
  std::string title;
  std::string unit = "%";
  std::vector<IntervalRow> rows;
};

std::string draw(const IntervalChart& chart);

// A before -> after line on a fixed 0..100 scale, small enough for a table cell.
std::string draw_change(double before, double after, std::string_view label);

}  // namespace dsode::report
