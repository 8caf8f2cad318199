// Taking a graph's operations one by one.
#pragma once

#include <span>
#include <variant>

namespace dsode::run {

// The next op where it is a What, taken.
template <class What, class Op>
const What* take_op(std::span<const Op> ops, size_t& at) {
  const What* what = at < ops.size() ? std::get_if<What>(&ops[at].what) : nullptr;
  if (what) ++at;
  return what;
}

}  // namespace dsode::run
