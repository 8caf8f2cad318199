// A batch's work on as many threads as libtorch is set to.
#pragma once

#include <cstdint>
#include <functional>

namespace dsode::model {

// Calls body(item) once for each item in [0, items), in any order. The threads are not libtorch's, those of
// OpenMP, which spin while they wait, and so keep cores from other work; the caller's end here, and start
// again with its next operation. From within a body, or while another thread is in here, the caller does it
// all.
void parallel(int64_t items, const std::function<void(int64_t item)>& body);

}  // namespace dsode::model
