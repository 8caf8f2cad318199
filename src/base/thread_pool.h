// Threads that stay: work starts and ends without a system call while it comes often.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/interrupt.h"

namespace dsode {

// Where threads wait for each other, as often as they like.
class alignas(64) Barrier {
 public:
  // Returns when `threads` have come, this one for `count` of them. They spin for a while, then sleep.
  void wait(int threads, int count = 1) noexcept;

 private:
  std::atomic<int> arrived_{0}, rounds_{0};
};

// One of the threads that share a piece of work; alone unless said.
struct Member {
  int index = 0, threads = 1;
  Barrier* barrier = nullptr;  // of them all

  void wait() const noexcept {
    if (threads > 1) barrier->wait(threads);
  }
  // Its part of [0, n) is [begin(n), end(n)).
  int begin(int n) const { return static_cast<int>(int64_t{n} * index / threads); }
  int end(int n) const { return static_cast<int>(int64_t{n} * (index + 1) / threads); }
};

class ThreadPool {
 public:
  // `threads` with the one that calls run(). Throws std::system_error where the system has no more.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls work(worker) in every thread at once, worker 0 being the caller's. Returns when all are done, or
  // throws what one of them threw first. One call at a time, none from within.
  template <class Work>
  void run(const Work& work) {
    start(&work, [](const void* what, int worker) { (*static_cast<const Work*>(what))(worker); });
  }

  // Calls work(worker, item) once for each item in [0, items), in any order. After an error, or Ctrl-C, which
  // is Code::kInterrupted, no new item is begun.
  template <class Work>
  void for_each(int items, const Work& work) {
    std::atomic<int> next = 0;
    run([&](int worker) {
      try {
        for (int item = next++; item < items; item = next++) {
          throw_if_interrupted();
          work(worker, item);
        }
      } catch (...) {
        next = items;
        throw;
      }
    });
  }

 private:
  using Call = void (*)(const void* what, int worker);
  void start(const void* what, Call call);
  void call(int worker) noexcept;
  void stop() noexcept;

  const int threads_;
  Barrier begin_, end_;
  const void* what_ = nullptr;
  Call call_ = nullptr;  // none: the threads end
  std::mutex guard_;
  std::exception_ptr error_;
  std::vector<std::thread> others_;
};

}  // namespace dsode
