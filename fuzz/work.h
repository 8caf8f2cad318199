// What an image of a model costs: fuzzers run cheap ones alone.
#pragma once

#include "ir/int_graph.h"

namespace dsode {

inline constexpr double kMostWork = 1e7;

// Multiply-accumulates of an image, above rather than below.
template <class Op>
double work(const std::vector<Op>& ops, Shape in) {
  double sum = 0;
  for (const Op& op : ops) {
    const Shape out = output_shape(op, in);
    if (const auto* loop = std::get_if<ir::Loop<Op>>(&op.what))
      sum += loop->evaluations() * (work(loop->body, in) + 8.0 * static_cast<double>(in.size()));
    else
      sum += 49.0 * in.c * static_cast<double>(in.size() + out.size());
    in = out;
  }
  return sum;
}

}  // namespace dsode
