#include "adapt/selector.h"

#include <cmath>
#include <limits>

#include "base/fixture.h"
#include "base/rng.h"

namespace dsode::adapt {
namespace {

double score(const std::string& selector, const Evidence& evidence) {
  return find_selector(selector).score(evidence);
}

// Images predicted as `predicted` with `margin` between the winner's logit and the others, and one feature
// vector each.
Evidence evidence(const std::vector<int>& predicted, int classes, float margin,
                  const std::vector<std::vector<float>>& features = {}) {
  Evidence e;
  e.source_validation = std::numeric_limits<double>::quiet_NaN();
  e.target.n = static_cast<int>(predicted.size());
  e.target.classes = classes;
  for (int winner : predicted)
    for (int k = 0; k < classes; ++k) e.target.logits.push_back(k == winner ? margin : 0);
  for (const auto& feature : features)
    e.target.features.insert(e.target.features.end(), feature.begin(), feature.end());
  e.target.width = features.empty() ? 0 : static_cast<int>(features[0].size());
  return e;
}

constexpr float kCertain = 100;

TEST(Bnm, IsOneWhenCertainAndBalanced) {
  EXPECT_NEAR(score("bnm", evidence({0, 1, 2, 0, 1, 2}, 3, kCertain)), 1, 1e-6);
}

// One class has one singular value sqrt(N) of the bound sqrt(N K); uniform predictions 1/K of it.
TEST(Bnm, FallsWithCollapseAndWithDoubt) {
  EXPECT_NEAR(score("bnm", evidence({0, 0, 0, 0}, 4, kCertain)), 0.5, 1e-6);
  EXPECT_NEAR(score("bnm", evidence({0, 1, 2, 3}, 4, 0)), 0.25, 1e-6);
}

TEST(Im, IsTheLogarithmOfTheClassesWhenCertainAndBalanced) {
  EXPECT_NEAR(score("im", evidence({0, 1, 2, 0, 1, 2}, 3, kCertain)), std::log(3.0), 1e-6);
}

TEST(Im, IsZeroForCollapseAndForDoubt) {
  EXPECT_NEAR(score("im", evidence({1, 1, 1}, 3, kCertain)), 0, 1e-6);
  EXPECT_NEAR(score("im", evidence({0, 1, 2}, 3, 0)), 0, 1e-6);
}

const std::vector<float> kEast{1, 0}, kNorth{0, 1};

TEST(ClassAmi, IsOneWherePredictionsAreTheClusters) {
  EXPECT_NEAR(score("class-ami", evidence({0, 0, 1, 1}, 2, 1, {kEast, kEast, kNorth, kNorth})), 1, 1e-9);
}

// The value of scikit-learn's adjusted_mutual_info_score([0, 0, 1, 2], [0, 0, 1, 1]): the last two images
// share their features, so they fall into one cluster.
TEST(ClassAmi, AgreesWithAKnownValueBetween) {
  EXPECT_NEAR(score("class-ami", evidence({0, 0, 1, 2}, 3, 1, {kEast, kEast, kNorth, kNorth})), 0.5714285714,
              1e-6);
}

TEST(ClassAmi, IsAboutZeroWherePredictionsIgnoreTheFeatures) {
  std::vector<int> predicted;
  std::vector<std::vector<float>> features;
  for (uint64_t i = 0; i < 600; ++i) {
    Rng rng(1, Stream::kSample, 0, i);
    predicted.push_back(static_cast<int>(rng.below(2)));
    features.push_back(rng.below(2) == 0 ? kEast : kNorth);
  }
  EXPECT_NEAR(score("class-ami", evidence(predicted, 2, 1, features)), 0, 0.05);
}

TEST(SourceVal, IsTheAccuracyOnTheSourceAndNeedsOne) {
  Evidence e = evidence({0, 1}, 2, 1);
  e.source_validation = 87.5;
  EXPECT_EQ(score("source-val", e), 87.5);
  for (const auto& selector : selectors())
    EXPECT_EQ(selector.needs_source, selector.name == "source-val") << selector.name;
}

TEST(Selectors, UnknownNameSuggestsTheNearest) {
  EXPECT_TRUE(says(error_of([] { find_selector("bmn"); }), "--select", "'bmn'", "'bnm'"));
}

}  // namespace
}  // namespace dsode::adapt
