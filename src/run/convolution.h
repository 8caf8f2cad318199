// A convolution of a graph with the norms and ReLUs around it, on the fastest kernel of this CPU.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "ir/graph.h"
#include "kernels/dense/dense.h"
#include "kernels/separable/separable.h"

namespace dsode::run {

// A norm as its scale and bias, a row for each evaluation or one for all.
struct Rows {
  int rows = 1;
  ir::Floats values;  // [rows,C]

  const float* at(int evaluation) const {
    return values.data() +
           (rows == 1 ? 0 : values.size() / static_cast<size_t>(rows) * static_cast<size_t>(evaluation));
  }
};

class Convolution {
 public:
  // The ops from `first` on, [norm] [ReLU] convolution [norm] [ReLU]: what follows the convolution only where
  // `trailing`. `times` of the evaluations of its loop. Moves `first` behind what it took; nothing, and the
  // reason, where the kernels do not cover it.
  static std::optional<Convolution> take(std::span<const ir::Op> ops, size_t& first, Shape in,
                                         std::span<const double> times, bool trailing, std::string& reason);

  Shape in() const { return in_; }
  Shape out() const { return out_; }
  size_t scratch() const;

  // y = the result, or y += step times it. `scratch` holds scratch() floats.
  void run(int evaluation, const float* x, float* y, bool add, float step, float* scratch) const noexcept;

 private:
  Shape in_, out_;
  bool norm_ = false, relu_ = false, separable_ = true;
  int size_ = 3, stride_ = 1;
  Rows scale_, shift_, bias_;  // [rows,in], [rows,in], [rows,9,out]
  ir::Floats depthwise_, weight_;
};

}  // namespace dsode::run
