// How a kernel is given threads: the caller supplies them.
#pragma once

#include <cstdint>
#include <functional>

namespace dsode::kernels {

// Calls body(chunk) once for each chunk in [0, chunks), in any order and on any threads. A kernel cuts its
// work into the same chunks whatever runs them, so its result does not depend on the number of threads.
using Parallel = std::function<void(int64_t chunks, const std::function<void(int64_t chunk)>& body)>;

inline void serial(int64_t chunks, const std::function<void(int64_t)>& body) {
  for (int64_t chunk = 0; chunk < chunks; ++chunk) body(chunk);
}

}  // namespace dsode::kernels
