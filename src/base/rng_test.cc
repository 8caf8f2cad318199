#include "base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <vector>

namespace dsode {
namespace {

TEST(Rng, EachPartOfTheKeyMakesAnotherSequence) {
  std::set<uint64_t> first;
  for (uint64_t seed : {0, 1}) {
    for (Stream stream : {Stream::kSplit, Stream::kShuffle}) {
      for (uint64_t epoch : {0, 1}) {
        for (uint64_t index : {0, 1}) first.insert(Rng(seed, stream, epoch, index).next());
      }
    }
  }
  EXPECT_EQ(first.size(), 16u);
}

TEST(Rng, TheSameKeyRepeatsItsSequence) {
  Rng a(7, Stream::kShift, 2, 3), b(7, Stream::kShift, 2, 3);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(a.next(), b.next());
}

// Checkpoints of a run are resumed by later builds: the numbers are part of the format.
TEST(Rng, NumbersStayThoseOfEarlierBuilds) {
  Rng rng(1, Stream::kShuffle);
  EXPECT_EQ(rng.next(), 13860011631262070225u);
  EXPECT_EQ(rng.next(), 5150697519323114889u);
}

TEST(Rng, UniformFillsTheIntervalEvenly) {
  Rng rng(1, Stream::kSample);
  std::array<int, 10> bins{};
  for (int i = 0; i < 100'000; ++i) {
    const double x = rng.uniform();
    ASSERT_TRUE(x >= 0 && x < 1);
    ++bins[static_cast<size_t>(10 * x)];
  }
  for (int count : bins) EXPECT_NEAR(count, 10'000, 500);  // five standard deviations
}

TEST(Rng, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(1, Stream::kSample);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
}

TEST(Rng, BelowReachesEveryNumberAndNoOther) {
  Rng rng(1, Stream::kSample);
  std::set<uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(rng.below(7));
  EXPECT_EQ(seen, (std::set<uint64_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(Rng, ShuffleIsAPermutationThatBringsEveryItemFirst) {
  std::set<int> first;
  for (uint64_t epoch = 0; epoch < 100; ++epoch) {
    std::vector<int> items(6), sorted(6);
    std::iota(sorted.begin(), sorted.end(), 0);
    items = sorted;
    Rng(1, Stream::kShuffle, epoch).shuffle<int>(items);
    first.insert(items[0]);
    std::ranges::sort(items);
    EXPECT_EQ(items, sorted);
  }
  EXPECT_EQ(first.size(), 6u);
}

}  // namespace
}  // namespace dsode
