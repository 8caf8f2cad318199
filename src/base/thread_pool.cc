#include "base/thread_pool.h"

#include <utility>

namespace dsode {

namespace {

constexpr int kSpins = 2000;  // ten to a hundred microseconds, by CPU: a band of rows takes less

inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void Barrier::wait(int threads, int count) noexcept {
  const int round = rounds_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(count, std::memory_order_acq_rel) + count == threads) {
    arrived_.store(0, std::memory_order_relaxed);
    rounds_.fetch_add(1, std::memory_order_release);
    rounds_.notify_all();
    return;
  }
  for (int i = 0; i < kSpins; ++i) {
    if (rounds_.load(std::memory_order_acquire) != round) return;
    pause();
  }
  while (rounds_.load(std::memory_order_acquire) == round) rounds_.wait(round, std::memory_order_acquire);
}

ThreadPool::ThreadPool(int threads) : threads_(threads) {
  try {
    for (int worker = 1; worker < threads; ++worker)
      others_.emplace_back([this, worker] {
        for (begin_.wait(threads_); call_; begin_.wait(threads_)) {
          call(worker);
          end_.wait(threads_);
        }
      });
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() noexcept {
  call_ = nullptr;
  begin_.wait(threads_,
              threads_ - static_cast<int>(others_.size()));  // for those that could not be started too
  for (std::thread& other : others_) other.join();
}

void ThreadPool::start(const void* what, Call call) {
  what_ = what;
  call_ = call;
  begin_.wait(threads_);
  this->call(0);
  end_.wait(threads_);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::call(int worker) noexcept {
  try {
    call_(what_, worker);
  } catch (...) {
    const std::lock_guard lock(guard_);
    if (!error_) error_ = std::current_exception();
  }
}

}  // namespace dsode
