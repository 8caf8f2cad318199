#include "model/threads.h"

#include <ATen/Parallel.h>
#include <omp.h>

#include <atomic>
#include <optional>

#include "base/thread_pool.h"

namespace dsode::model {

namespace {

struct Pool {
  std::atomic_flag busy;
  std::optional<ThreadPool> threads;

  ThreadPool& of(int count) {
    if (!threads || threads->threads() != count) threads.emplace(count);
    return *threads;
  }
};

}  // namespace

void parallel(int64_t items, const std::function<void(int64_t)>& body) {
  static Pool pool;
  // Not ThreadPool::for_each, which Ctrl-C ends in between: a step is finished, and its state saved, first.
  std::atomic<int64_t> next = 0;
  const auto work = [&](int) {
    for (int64_t item = next++; item < items; item = next++) body(item);
  };
  const int threads = at::get_num_threads();
  if (threads == 1 || items < 2 || pool.busy.test_and_set()) return work(0);
  struct Release {
    ~Release() { pool.busy.clear(); }
  } release;
  omp_pause_resource_all(omp_pause_soft);  // ends libtorch's threads, which spin until its next operation
  pool.of(threads).run(work);
}

}  // namespace dsode::model
