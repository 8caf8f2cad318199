// The golden interpreter: docs/numerics.md in C++. Integers only; every other engine equals it in every bit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/int_graph.h"

namespace dsode::ir::integer {

// floor((x + 2^(s-1)) / 2^s), s in 1..40.
constexpr int64_t rsh(int64_t x, int s) { return (x + (int64_t{1} << (s - 1))) >> s; }

// How often an operation's state left its range, over all images so far.
struct Saturation {
  std::string op;
  uint64_t saturated = 0, values = 0;
};

class Golden {
 public:
  // Checks the graph: throws bad_input naming `origin` and the operation.
  explicit Golden(Graph graph, const std::string& origin = "model");
  ~Golden();
  Golden(Golden&&) noexcept;

  const Graph& graph() const;
  // `pixels` [H,W,C], `scores` [classes].
  void run(std::span<const uint8_t> pixels, std::span<int32_t> scores, Observer* observer = nullptr) noexcept;
  // The classifier's input [C] of the last image.
  std::span<const int16_t> pooled() const noexcept;
  std::vector<Saturation> saturations() const;

 private:
  class Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace dsode::ir::integer
