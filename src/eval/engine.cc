#include "eval/engine.h"

#include <algorithm>
#include <cmath>

namespace dsode::eval {

std::vector<float> softmax(const Outputs& outputs) {
  std::vector<float> p(outputs.logits.size());
  for (int i = 0; i < outputs.n; ++i) {
    const float* row = outputs.logits.data() + static_cast<size_t>(i) * outputs.classes;
    float* out = p.data() + static_cast<size_t>(i) * outputs.classes;
    const float top = *std::max_element(row, row + outputs.classes);
    float sum = 0;
    for (int k = 0; k < outputs.classes; ++k) sum += out[k] = std::exp(row[k] - top);
    for (int k = 0; k < outputs.classes; ++k) out[k] /= sum;
  }
  return p;
}

std::vector<int> predictions(const Outputs& outputs) {
  std::vector<int> best(static_cast<size_t>(outputs.n));
  for (int i = 0; i < outputs.n; ++i) {
    const float* row = outputs.logits.data() + static_cast<size_t>(i) * outputs.classes;
    best[static_cast<size_t>(i)] = static_cast<int>(std::max_element(row, row + outputs.classes) - row);
  }
  return best;
}

}  // namespace dsode::eval
