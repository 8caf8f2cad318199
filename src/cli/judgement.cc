#include "cli/judgement.h"

#include <algorithm>

#include "base/progress.h"
#include "train/torch_engine.h"

namespace dsode::cli {

const eval::Score& Judgement::oracle() const {
  return *std::max_element(scores.begin(), scores.end(),
                           [](const auto& a, const auto& b) { return a.right < b.right; });
}

Judgement judge(const adapt::AdaptResult& result, data::LabelledSet set) {
  Judgement judgement{std::move(set), {}, {}};
  const data::LabelledSet& target = judgement.set;
  Progress progress("judging", "images", static_cast<int64_t>(result.candidates.size()) * target.images.n);
  for (const auto& candidate : result.candidates) {
    judgement.predictions.push_back(
        eval::predictions(train::TorchEngine(candidate.network).run(target.images)));
    judgement.scores.push_back(
        eval::score(judgement.predictions.back(), target.labels, static_cast<int>(target.classes.size())));
    progress.advance(target.images.n);
  }
  return judgement;
}

}  // namespace dsode::cli
