// Runs an integer model on the kernels, every bit as docs/numerics.md has it: planned once, nothing allocated
// afterwards.
#pragma once

#include <variant>

#include "run/int_convolution.h"

namespace dsode::run {

// Solver steps over a state, two convolutions an evaluation.
struct IntBlock {
  int evaluations, stages;
  std::vector<IntConvolution> halves;  // two
};

// Norm and ReLU, pool, linear.
struct IntHead {
  std::string norm_name, pool_name;
  Shape in;
  kernels::NormPlan norm;
  ir::integer::Pool pool;
  ir::integer::Linear linear;
};

class IntExecutor {
 public:
  // Nothing, and the reason, where the kernels do not cover the graph, which ir::integer::check accepts.
  static std::optional<IntExecutor> plan(
      const ir::integer::Graph& graph, std::string& reason,
      const kernels::IntegerKernel& kernel = kernels::integer_kernels().front());

  // What `threads` threads need beside the executor, that of each behind the other's.
  using Arena = std::vector<CacheLine>;
  size_t arena_size() const { return 2 * state_ + activation_ + sums_ + scratch_; }
  Arena arena(int threads = 1) const { return Arena(static_cast<size_t>(threads) * arena_size()); }

  // Of the lowest map: with more threads on an image some would wait.
  int least_rows() const { return least_rows_; }

  // `pixels` [H,W,C] of the model's input, `scores` [classes], `pooled` [C] the classifier's input. An
  // observer makes it allocate, and wants one member. All members of a team call it with the same arguments,
  // `arena` that of the first; each makes a band of every map's rows, and the result is the same for any
  // number of them.
  void run(std::span<const uint8_t> pixels, std::span<CacheLine> arena, std::span<int32_t> scores,
           std::span<int16_t> pooled, ir::integer::Observer* observer = nullptr,
           const Member& member = {}) const noexcept;

 private:
  struct Maps {
    int16_t *state, *other;
    uint8_t* activation;
    void* scratch;
    int32_t* sums;
  };

  bool add(const ir::integer::Graph& graph, std::string& reason);
  bool add_loop(const ir::integer::Op& op, Shape shape, std::string& reason);
  bool count(Shape in, Shape out, std::string& reason);
  void solve(const IntBlock& block, const Maps& maps, ir::integer::Observer* observer,
             const Member& member) const noexcept;
  void classify(const IntHead& head, const Maps& maps, std::span<int32_t> scores, std::span<int16_t> pooled,
                ir::integer::Observer* observer) const noexcept;

  IntTarget target_;
  std::vector<std::variant<IntStem, IntConvolution, IntBlock, IntHead>> parts_;
  int least_rows_ = 0;
  size_t state_ = 0, activation_ = 0, sums_ = 0, scratch_ = 0;  // cache lines
};

}  // namespace dsode::run
