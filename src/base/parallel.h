// The same work on many items, by several threads.
#pragma once

#include <functional>

namespace dsode {

// `requested`, or the number of cores where it is 0.
int thread_count(int requested);

// Calls work(worker, item) once for each item in [0, items), in any order, worker in [0, threads) being the
// same for calls that may not overlap. Throws what `work` throws first, after the other threads have stopped,
// and Code::kInterrupted on Ctrl-C.
void parallel_for(int items, int threads, const std::function<void(int worker, int item)>& work);

}  // namespace dsode
