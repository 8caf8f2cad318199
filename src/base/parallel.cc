#include "base/parallel.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace dsode {

int thread_count(int requested) {
  return requested > 0 ? requested : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(int items, int threads, const std::function<void(int, int)>& work) {
  ThreadPool(std::max(1, std::min(threads, items))).for_each(items, work);
}

}  // namespace dsode
