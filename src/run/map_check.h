// Every map that the kernels make inside an integer model beside the golden interpreter's.
#pragma once

#include "run/int_executor.h"

namespace dsode::run {

// What an operation's maps gave, over all evaluations and images; of the classifier, its scores.
struct MapResult {
  std::string op;
  uint64_t compared = 0, differing = 0;
};

// `executor` beside `graph` on images [n,H,W,C], which go across the threads; by operation, in the order of
// the model. A map that `executor` does not make differs in every element.
std::vector<MapResult> check_maps(const ir::integer::Graph& graph, const IntExecutor& executor,
                                  std::span<const uint8_t> pixels, int threads);

}  // namespace dsode::run
