#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/interrupt.h"

namespace dsode {

int thread_count(int requested) {
  return requested > 0 ? requested : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(int items, int threads, const std::function<void(int, int)>& work) {
  std::atomic<int> next = 0;
  std::exception_ptr first;
  std::mutex guard;
  const auto run = [&](int worker) {
    try {
      for (int item = next++; item < items; item = next++) {
        throw_if_interrupted();
        work(worker, item);
      }
    } catch (...) {
      next = items;
      const std::lock_guard lock(guard);
      if (!first) first = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int worker = 1; worker < std::min(threads, items); ++worker) others.emplace_back(run, worker);
    run(0);
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace dsode
