// What every candidate of an adaptation says about a labelled target set: the only place that reads target
// labels, after the choice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapt/adapt.h"
#include "data/dataset.h"
#include "eval/metrics.h"

namespace dsode::cli {

struct Judgement {
  data::LabelledSet set;
  std::vector<std::vector<int>> predictions;  // [candidate][image]
  std::vector<eval::Score> scores;            // [candidate]

  const eval::Score& oracle() const;  // of the candidate that is best in hindsight
};

Judgement judge(const adapt::AdaptResult& result, data::LabelledSet set);

}  // namespace dsode::cli
