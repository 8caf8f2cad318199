// Counter-based random numbers: every draw is a function of (seed, stream, epoch, index), so that a resumed
// run, or one with another number of loader threads, sees the same numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace dsode {

// Purposes that must not share numbers.
enum class Stream : uint64_t {
  kSplit,
  kShuffle,
  kAugment,
  kShift,
  kInit,
  kDropout,
  kSample,
  kTexture,
  kEmbedding
};

// SplitMix64 (Steele, Lea, Flood 2014) over a key hashed from the tuple.
class Rng {
 public:
  Rng(uint64_t seed, Stream stream, uint64_t epoch = 0, uint64_t index = 0) {
    state_ = mix(mix(seed + kGamma));  // twice: seed and stream must not commute
    for (uint64_t part : {static_cast<uint64_t>(stream), epoch, index})
      state_ = mix(state_ ^ mix(part + kGamma));
  }

  uint64_t next() { return mix(state_ += kGamma); }
  // Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double lo, double hi) { return lo + (hi - lo) * uniform(); }
  // Uniform in [0, n), n > 0; the bias of the multiply-shift is below n / 2^64.
  uint64_t below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
  }
  // Standard normal (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  // Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  static constexpr uint64_t kGamma = 0x9E3779B97F4A7C15u;
  static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }
  uint64_t state_;
};

}  // namespace dsode
