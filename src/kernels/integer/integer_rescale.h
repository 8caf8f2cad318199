// What follows sums: their rescaling, and the bounds of what is stored; internal to the including file.
#pragma once

#include "kernels/integer/integer_isa.h"
#include "kernels/integer/simd_integer.h"

namespace dsode::kernels {
namespace {

// What loads kLanes channels of an array from `k` on.
inline auto from(int k) {
  return [k](const int32_t* p) { return load(p + k); };
}

// A Rescale of kLanes channels by products of 64 bits. Values, no reference: a byte that is stored might be
// any field of another struct.
struct IntegerScaler {
  Factor factor;
  int64_t rounding;
  bool bounded;
  Vec bound, left, right;

  IntegerScaler() = default;
  template <class Load>
  IntegerScaler(const Rescale& op, const Load& load)
      : factor(factor_of(load(op.multiplier))), rounding(op.rounding), bounded(op.bound != nullptr) {
    if (!bounded) return;
    bound = load(op.bound);
    left = load(op.left);
    right = broadcast(op.right);
  }

  Vec operator()(Vec acc) const {
    if (!bounded) return multiply_high(acc, factor, rounding);
    acc = shift_left(clamp(acc, multiply(bound, broadcast(-1)), bound), left);
    return shift_right(multiply_high(acc, factor, rounding), right);
  }
};

// Calls work<Scaler>() with the cheapest that is exact.
#if defined(__AVX512F__)

struct FloatScaler {
  Floats scale, plus;

  FloatScaler() = default;
  template <class Load>
  FloatScaler(const Rescale& op, const Load& load)
      : scale(as_floats(load((const int32_t*)op.scale))), plus(broadcast_float(op.plus)) {}
  Vec operator()(Vec acc) const { return floor_of(acc, scale, plus); }
};
template <class Work>
inline void with_scaler(const Rescale& op, const Work& work) {
  op.scale ? work.template operator()<FloatScaler>() : work.template operator()<IntegerScaler>();
}

#else

template <class Work>
inline void with_scaler(const Rescale&, const Work& work) {
  work.template operator()<IntegerScaler>();
}

#endif

// Bounds of what is stored as T; nothing is to do where they are T's own.
template <class T>
struct Range {
  Vec lo, hi;
  bool whole;

  Range(int lo, int hi) : lo(broadcast(lo)), hi(broadcast(hi)) {
    whole = sizeof(T) == 1 ? lo == 0 && hi == UINT8_MAX : lo == INT16_MIN && hi == INT16_MAX;
  }
  // Values for p, p + pitch, ...
  template <int n>
  void put(T* p, long pitch, Vec (&values)[n]) const {
    if (!whole)
#pragma GCC unroll 8
      for (Vec& value : values) value = clamp(value, lo, hi);
    if constexpr (n % 4 == 0) {
#pragma GCC unroll 2
      for (int i = 0; i < n; i += 4) store_four(p + i * pitch, pitch, values + i);
    } else {
#pragma GCC unroll 8
      for (int i = 0; i < n; ++i) store(p + i * pitch, values[i]);
    }
  }
  // kWide channels, or the first n of them.
  void put(T* p, Wide values, int n) const {
    if (!whole)
#pragma GCC unroll 4
      for (Vec& value : values.part) value = clamp(value, lo, hi);
    store_wide(p, values, n);
  }
};

}  // namespace
}  // namespace dsode::kernels
