#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace dsode {
namespace {

TEST(ParallelFor, DoesEveryItemOnceAndNeverTwoOfAWorkerAtATime) {
  constexpr int kItems = 1000, kThreads = 4;
  std::vector<std::atomic<int>> done(kItems), busy(kThreads);
  parallel_for(kItems, kThreads, [&](int worker, int item) {
    EXPECT_EQ(busy[static_cast<size_t>(worker)]++, 0);
    ++done[static_cast<size_t>(item)];
    --busy[static_cast<size_t>(worker)];
  });
  for (const auto& count : done) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, PassesOnTheFirstErrorAndStops) {
  std::atomic<int> calls = 0;
  const auto work = [&](int, int item) {
    ++calls;
    if (item == 3) throw std::runtime_error("three");
  };
  EXPECT_THROW(parallel_for(1'000'000, 2, work), std::runtime_error);
  EXPECT_LT(calls, 1'000'000);
}

TEST(ParallelFor, DoesNothingForNoItems) {
  parallel_for(0, 4, [](int, int) { FAIL(); });
}

}  // namespace
}  // namespace dsode
