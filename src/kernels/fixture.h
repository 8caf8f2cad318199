// For tests: random operations, run by the interpreter and by kernels of every instruction set.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ir/interpret.h"
#include "kernels/cpu.h"

namespace dsode::kernels {

class Values {
 public:
  explicit Values(int seed) : random_(static_cast<unsigned>(seed)) {}
  ir::Floats draw(int64_t n, float mean, float deviation) {
    std::normal_distribution<float> normal(mean, deviation);
    ir::Floats values(static_cast<size_t>(n));
    for (float& v : values) v = normal(random_);
    return values;
  }

 private:
  std::mt19937 random_;
};

// ||a - b|| / ||b||
inline double relative_error(const ir::Floats& a, const std::vector<double>& b) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    error += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(error / norm);
}

// bias [out] for each of the nine border classes, and at t = 1 what is `time` [9,out] there.
inline ir::Floats border_biases(const ir::Floats& bias, const ir::Floats& time) {
  ir::Floats biases;
  for (int border = 0; border < ir::kBorderClasses; ++border)
    biases.insert(biases.end(), bias.begin(), bias.end());
  for (size_t i = 0; i < time.size(); ++i) biases[i] += time[i];
  return biases;
}

// y of a kernel against the interpreter's result, to which y before belongs where the kernel adds, and `time`
// [9,out] or nothing by the pixel's border class. ReLU comes last.
struct Expected {
  Shape shape;
  ir::Floats result, time, before;
  bool relu = false, add = false;

  double worst_error(const ir::Floats& y) const {
    double worst = 0;
    for (size_t at = 0; at < y.size(); ++at) {
      const int pixel = static_cast<int>(at) / shape.c, k = static_cast<int>(at) % shape.c;
      const int border = ir::border_class(pixel / shape.w, pixel % shape.w, shape.h, shape.w);
      double r = result[at];
      if (!time.empty()) r += time[static_cast<size_t>(border * shape.c + k)];
      if (add) r += before[at];
      if (relu) r = std::max(r, 0.0);
      worst = std::max(worst, std::abs(y[at] - r));
    }
    return worst;
  }
};

// Of a case with height, width, out, stride, timed, relu and add, where the interpreter gives `result`.
template <class Case>
Expected expected_of(const Case& c, ir::Floats result, Values& values) {
  const Shape shape{ir::strided(c.height, c.stride), ir::strided(c.width, c.stride), c.out};
  return {.shape = shape,
          .result = std::move(result),
          .time = c.timed ? values.draw(ir::kBorderClasses * c.out, 0, 1) : ir::Floats{},
          .before = values.draw(static_cast<int64_t>(shape.size()), 0, 1),
          .relu = c.relu,
          .add = c.add};
}

}  // namespace dsode::kernels
