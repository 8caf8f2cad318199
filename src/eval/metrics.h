// How good predictions are: accuracy with its interval, confusion matrix.
#pragma once

#include <span>
#include <vector>

namespace dsode::eval {

// Percent.
struct Interval {
  double lo = 0, hi = 0;
};

// 95 % interval of `right` successes out of n, in percent (Wilson 1927): never outside [0, 100], fair for
// small n.
Interval wilson(int right, int n);

struct Score {
  int n = 0, right = 0;
  std::vector<std::vector<int>> confusion;  // [label][prediction]
  double accuracy() const { return n > 0 ? 100.0 * right / n : 0; }
  Interval interval() const { return wilson(right, n); }
};

// Labels in [0, classes).
Score score(std::span<const int> predictions, std::span<const int> labels, int classes);

}  // namespace dsode::eval
