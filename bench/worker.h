// Measurements in processes of their own: allocator settings, thread pools and memory of one contestant
// cannot reach the next.
#pragma once

#include <vector>

#include "bench/suite.h"

namespace dsode::bench {

// This program started again with `options`, and the JSON it printed. libtorch's and OpenBLAS's threads are
// both held to options.threads. Throws failed when the process does not end well.
Json run_worker(const Options& options);

// [contestant][round]. All contestants run once a round, in turn, so that a drift of the machine meets each
// of them.
std::vector<std::vector<Json>> run_rounds(const std::vector<Options>& contestants, int rounds);

// One key of every round.
std::vector<double> column(const std::vector<Json>& rounds, const char* key);

// Of --threads 0: one, and all cores.
std::vector<int> thread_counts(int threads);

}  // namespace dsode::bench
