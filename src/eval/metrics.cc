#include "eval/metrics.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace dsode::eval {

Interval wilson(int right, int n) {
  if (n == 0) return {0, 100};
  constexpr double z = 1.959964;  // 97.5 % point of the normal distribution
  const double p = static_cast<double>(right) / n, z2n = z * z / n;
  const double centre = (p + z2n / 2) / (1 + z2n);
  const double half = z * std::sqrt(p * (1 - p) / n + z2n / (4 * n)) / (1 + z2n);
  // The bounds 0 and 1 are exact; rounding would miss them by an ulp.
  return {right == 0 ? 0 : 100 * (centre - half), right == n ? 100 : 100 * (centre + half)};
}

Score score(std::span<const int> predictions, std::span<const int> labels, int classes) {
  DSODE_CHECK(predictions.size() == labels.size(), "{} {}", predictions.size(), labels.size());
  Score score;
  score.n = static_cast<int>(labels.size());
  score.confusion.assign(static_cast<size_t>(classes), std::vector<int>(static_cast<size_t>(classes)));
  for (size_t i = 0; i < labels.size(); ++i) {
    ++score.confusion[static_cast<size_t>(labels[i])][static_cast<size_t>(predictions[i])];
    score.right += predictions[i] == labels[i];
  }
  return score;
}

}  // namespace dsode::eval
