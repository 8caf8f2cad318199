#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dsode {
namespace {

TEST(ThreadPool, RunsEveryWorkerOnceAndAgain) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    std::vector<int> calls(static_cast<size_t>(threads));
    for (int i = 0; i < 200; ++i) {
      if (i == 100) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // they sleep by now
      pool.run([&](int worker) { ++calls[static_cast<size_t>(worker)]; });
    }
    for (const int count : calls) EXPECT_EQ(count, 200);
  }
}

TEST(ThreadPool, WorksOnAfterAnError) {
  ThreadPool pool(3);
  for (int thrower = 0; thrower < 3; ++thrower)
    EXPECT_THROW(pool.run([&](int worker) {
      if (worker == thrower) throw std::runtime_error("one");
    }),
                 std::runtime_error);
  std::atomic<int> calls = 0;
  pool.run([&](int) { ++calls; });
  EXPECT_EQ(calls, 3);
}

TEST(Barrier, LetsNobodyReadWhatAnotherHasYetToWrite) {
  constexpr int kThreads = 4, kRounds = 300;
  ThreadPool pool(kThreads);
  Barrier barrier;
  std::vector<int> values(kThreads);
  std::atomic<int> wrong = 0;
  pool.run([&](int worker) {
    for (int round = 1; round <= kRounds; ++round) {
      values[static_cast<size_t>(worker)] = round;
      barrier.wait(kThreads);
      for (const int value : values) wrong += value != round;
      barrier.wait(kThreads);
    }
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace dsode
