// A convolution of a graph with the norms and ReLUs around it, on the fastest kernel of this CPU.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/aligned.h"
#include "ir/graph.h"
#include "kernels/dense/dense.h"
#include "kernels/separable/separable.h"

namespace dsode::run {

// A norm as its scale and bias, a row for each evaluation or one for all.
struct Rows {
  int rows = 1;
  AlignedVector<float> values;  // [rows,C]

  const float* at(int evaluation) const {
    return values.data() +
           (rows == 1 ? 0 : values.size() / static_cast<size_t>(rows) * static_cast<size_t>(evaluation));
  }
};

class Convolution {
 public:
  // Where in its network a convolution stands.
  struct Place {
    std::vector<double> times{0};  // of the evaluations of its loop
    bool trailing = true;          // a norm and ReLU behind it are its own, not the next one's
    float gain = 1;                // factor of its result
    kernels::Precision precision = kernels::Precision::kFp32;  // of a pointwise product's operands
  };

  // The ops from `first` on, [norm] [ReLU] convolution [norm] [ReLU], and moves `first` behind them. Nothing,
  // and the reason, where the kernels do not cover it.
  static std::optional<Convolution> take(std::span<const ir::Op> ops, size_t& first, Shape in,
                                         const Place& place, std::string& reason);

  Shape in() const { return in_; }
  Shape out() const { return out_; }
  bool separable() const { return separable_ != nullptr; }
  size_t scratch() const;

  // Rows [begin, end) of y = the result, or y += the result. `scratch` holds scratch() floats.
  void run(int evaluation, const float* x, float* y, bool add, float* scratch, int begin,
           int end) const noexcept;

 private:
  Shape in_, out_;
  const kernels::SeparableKernel* separable_ = nullptr;  // none: dense
  bool norm_ = false, relu_ = false;
  int size_ = 3, stride_ = 1;
  Rows scale_, shift_, bias_;  // [rows,in], [rows,in], [rows,9,out]
  AlignedVector<float> depthwise_, dense_;
  AlignedVector<std::byte> pointwise_;
};

}  // namespace dsode::run
