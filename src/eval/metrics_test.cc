#include "eval/metrics.h"

#include <gtest/gtest.h>

#include "eval/engine.h"

namespace dsode::eval {
namespace {

TEST(Wilson, MatchesPublishedValues) {
  // Newcombe (1998), table I: 81 of 263, 1 of 29.
  EXPECT_NEAR(wilson(81, 263).lo, 25.53, 0.01);
  EXPECT_NEAR(wilson(81, 263).hi, 36.62, 0.01);
  EXPECT_NEAR(wilson(1, 29).lo, 0.61, 0.01);
  EXPECT_NEAR(wilson(1, 29).hi, 17.18, 0.01);
}

TEST(Wilson, StaysInsideZeroAndHundred) {
  EXPECT_EQ(wilson(0, 10).lo, 0);
  EXPECT_GT(wilson(0, 10).hi, 20);
  EXPECT_EQ(wilson(10, 10).hi, 100);
}

TEST(Score, CountsRightAndConfusedPredictions) {
  const std::vector<int> labels{0, 1, 2, 2}, predictions{0, 2, 2, 1};
  const Score s = score(predictions, labels, 3);
  EXPECT_DOUBLE_EQ(s.accuracy(), 50);
  EXPECT_EQ(s.confusion, (std::vector<std::vector<int>>{{1, 0, 0}, {0, 0, 1}, {0, 1, 1}}));
}

TEST(Softmax, SumsToOneAndSurvivesLargeLogits) {
  const Outputs outputs{
      .n = 2, .classes = 3, .width = 0, .logits = {1000, 1000, -1000, 1, 2, 3}, .features = {}};
  const auto p = softmax(outputs);
  EXPECT_FLOAT_EQ(p[0], 0.5f);
  EXPECT_NEAR(p[3] + p[4] + p[5], 1, 1e-6);
  EXPECT_EQ(predictions(outputs), (std::vector<int>{0, 2}));
}

}  // namespace
}  // namespace dsode::eval
