// Runs a float graph on the kernels: planned once, nothing allocated afterwards.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/thread_pool.h"
#include "run/convolution.h"

namespace dsode::run {

// z(1) of an ODE block, two convolutions a slope.
struct Block {
  const ode::Tableau* tableau;
  int steps;
  std::vector<Convolution> halves;  // two
};

// Norm, ReLU, mean over the pixels, linear.
struct Head {
  Shape in;
  AlignedVector<float> scale, shift;  // [C]
  AlignedVector<float> weight,
      bias;  // [C,classes] packed, [classes], filled up with zeros to kChannels classes
};

class Executor {
 public:
  // Nothing, and the reason, where the kernels do not cover the graph. `precision` is that of the operands of
  // separable convolutions' pointwise products; all else is in floats.
  static std::optional<Executor> plan(const ir::Graph& graph, std::string& reason,
                                      kernels::Precision precision = kernels::Precision::kFp32);

  // What `threads` threads need beside the executor, that of each behind the other's.
  using Arena = AlignedVector<float>;
  size_t arena_size() const { return maps_ * map_ + scratch_; }
  Arena arena(int threads = 1) const { return Arena(static_cast<size_t>(threads) * arena_size()); }

  kernels::Precision precision() const { return precision_; }  // kFp32 where no convolution is separable
  const char* isa() const { return kernels::separable_kernels(precision_).front().isa; }

  // Of the lowest map: with more threads on an image some would wait.
  int least_rows() const { return least_rows_; }

  // `pixels` [H,W,C] of the model's input, on the scale 0..255; `logits` [classes], `features` [C] the
  // classifier's input. All members of a team call it with the same arguments, `arena` that of the first;
  // each makes a band of every map's rows, and the result is the same for any number of them.
  void run(std::span<const uint8_t> pixels, std::span<float> arena, std::span<float> logits,
           std::span<float> features, const Member& member = {}) const noexcept;
  void run(std::span<const float> pixels, std::span<float> arena, std::span<float> logits,
           std::span<float> features, const Member& member = {}) const noexcept;

 private:
  bool add(const ir::Graph& graph, kernels::Precision precision, std::string& reason);
  void count(const Convolution& convolution, kernels::Precision precision);
  template <class Input>
  void run_from(const Input& input, std::span<float> arena, std::span<float> logits,
                std::span<float> features, const Member& member) const noexcept;
  void solve(const Block& block, float* z, float* const* free, float* scratch,
             const Member& member) const noexcept;

  kernels::Precision precision_ = kernels::Precision::kFp32;
  Shape input_;
  Normalization normalization_;
  ir::Floats inputs_;  // [256,C]: what a pixel's value is to the network
  std::vector<std::variant<Convolution, Block, Head>> parts_;
  int least_rows_ = 0;
  size_t map_ = 0, maps_ = 2, scratch_ = 0;  // floats of a map, maps, floats of scratch
};

}  // namespace dsode::run
