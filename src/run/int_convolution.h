// The convolutions of an integer model as its kernels take them: channels filled up with zeros to whole
// vectors, biases for operands that are stored as u8.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "ir/int_graph.h"
#include "kernels/integer/integer.h"

namespace dsode::run {

// Memory that begins with a cache line.
struct alignas(64) CacheLine {
  uint8_t bytes[64];
};
inline size_t cache_lines(size_t bytes) { return (bytes + sizeof(CacheLine) - 1) / sizeof(CacheLine); }

// Channels as they lie in maps.
inline int whole(int channels) { return (channels + 15) / 16 * 16; }
inline Shape whole(Shape shape) { return {shape.h, shape.w, whole(shape.c)}; }

// What a model's integer operations are planned for.
struct IntTarget {
  ir::integer::Bits bits;
  const kernels::IntegerKernel* kernel;
};

// A product, which a pointwise convolution or a stem ends in.
struct IntProduct {
  int out = 0, bias_rows = 1, border = 0;
  AlignedVector<int8_t> weight;
  std::vector<int32_t> bias;  // [bias_rows,out], or [bias_rows,9,out] where the border plays a part
  int rescale_rows = 1;
  kernels::RescalePlan rescale;  // [rescale_rows,out]
  bool state = true;
  int lo = 0, hi = 0;

  kernels::IntegerProduct at(int evaluation, const int16_t* base) const;
};

class IntStem {
 public:
  IntStem(const ir::integer::Op& op, Shape in, const IntTarget& target);

  Shape in() const { return in_; }
  Shape out() const { return out_; }
  // The member's band of y's rows; an observer wants it alone.
  void run(const uint8_t* pixels, int16_t* y, void* scratch, ir::integer::Observer* observer,
           const Member& member) const noexcept;

 private:
  const kernels::IntegerKernel* kernel_;
  std::string name_;
  Shape in_, out_;
  std::vector<uint8_t> zero_;
  IntProduct product_;
};

// [affine] dwconv pwconv.
class IntConvolution {
 public:
  // The ops from `first` on, of `loop` if in one, and moves `first` behind them. Nothing, and the reason,
  // where the kernels do not cover them.
  static std::optional<IntConvolution> take(std::span<const ir::integer::Op> ops, size_t& first, Shape in,
                                            const ir::integer::OdeLoop* loop, const IntTarget& target,
                                            std::string& reason);

  Shape in() const { return in_; }
  Shape out() const { return out_; }
  bool reads_state() const { return norm_rows_ > 0; }
  bool gives_state() const { return product_.state; }

  // x and y are maps of states or of activations, u8, with whole() channels. `base`: what an increment is
  // added to. The member makes its band of y's rows, and reads x a row beyond it. `observer` may be none; it
  // makes it allocate, and wants the member alone.
  void run(int evaluation, const void* x, void* y, const int16_t* base, void* scratch,
           ir::integer::Observer* observer, const Member& member) const noexcept;

 private:
  const kernels::IntegerKernel* kernel_ = nullptr;
  std::string norm_name_, depthwise_name_, pointwise_name_;
  Shape in_, out_;
  int stride_ = 1, zero_ = 0, norm_rows_ = 0, signed_max_ = 0;
  kernels::NormPlan norm_;
  std::vector<int8_t> depthwise_;
  std::vector<int32_t> depthwise_bias_;
  kernels::RescalePlan depthwise_rescale_;
  IntProduct product_;
};

// [rows,from] with zeros behind each row: [rows,to].
template <class T>
std::vector<T> filled_up(const std::vector<T>& values, int from, int to) {
  const auto width = static_cast<size_t>(from), pitch = static_cast<size_t>(to);
  std::vector<T> result(values.size() / width * pitch);
  for (size_t i = 0; i < values.size(); ++i) result[i / width * pitch + i % width] = values[i];
  return result;
}

// Of a norm that gives activations, which are stored plus `zero`.
kernels::NormPlan plan_norm(const ir::integer::Affine& affine, int channels, int zero,
                            const ir::integer::Bits& bits);

// `map` has whole() channels and holds values plus `zero`.
template <class T>
void show(ir::integer::Observer& observer, const std::string& op, int evaluation, Shape shape, const T* map,
          int zero = 0) {
  std::vector<int16_t> values;
  for (int pixel = 0; pixel < shape.h * shape.w; ++pixel, map += whole(shape.c))
    for (int c = 0; c < shape.c; ++c) values.push_back(static_cast<int16_t>(map[c] - zero));
  observer.after(op, evaluation, shape, values);
}

}  // namespace dsode::run
