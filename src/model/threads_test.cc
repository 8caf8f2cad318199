#include "model/threads.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace dsode::model {
namespace {

constexpr int64_t kItems = 100;

class Parallel : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { at::set_num_threads(GetParam()); }
  void TearDown() override { at::set_num_threads(before_); }

 private:
  const int before_ = at::get_num_threads();
};
INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1, 2, 3));

// Counts of each item's calls.
struct Calls {
  std::vector<std::atomic<int>> of = std::vector<std::atomic<int>>(kItems);

  void add(int64_t item) { ++of[static_cast<size_t>(item)]; }
  bool all(int count) const {
    return std::all_of(of.begin(), of.end(), [&](const auto& calls) { return calls == count; });
  }
};

TEST_P(Parallel, DoesEachItemOnce) {
  Calls calls;
  parallel(kItems, [&](int64_t item) { calls.add(item); });
  EXPECT_TRUE(calls.all(1));
  parallel(0, [&](int64_t item) { calls.add(item); });
  EXPECT_TRUE(calls.all(1));
}

TEST_P(Parallel, WorksFromWithinABodyAndFromTwoThreads) {
  Calls calls;
  const auto nested = [&] {
    parallel(3, [&](int64_t) { parallel(kItems, [&](int64_t item) { calls.add(item); }); });
  };
  std::thread other(nested);
  nested();
  other.join();
  EXPECT_TRUE(calls.all(6));
}

TEST_P(Parallel, ThrowsWhatABodyThrewAndWorksOn) {
  const auto fails = [](int64_t item) {
    if (item == kItems / 2) throw std::runtime_error("one");
  };
  EXPECT_THROW(parallel(kItems, fails), std::runtime_error);
  Calls calls;
  parallel(kItems, [&](int64_t item) { calls.add(item); });
  EXPECT_TRUE(calls.all(1));
}

}  // namespace
}  // namespace dsode::model
