// For testbenches of single modules: a clock, random numbers that like the extremes, the bits of wide ports.
#pragma once

#include <gtest/gtest.h>
#include <verilated.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accel/coverage.h"
#include "accel/descriptor.h"
#include "base/rng.h"

namespace dsode::rtl {

class Random {
 public:
  explicit Random(uint64_t seed) : rng_(seed, Stream::kSample) {}
  uint64_t below(uint64_t n) { return rng_.below(n); }
  bool one_in(uint64_t n) { return below(n) == 0; }
  int64_t between(int64_t lo, int64_t hi) { return lo + static_cast<int64_t>(below(uint64_t(hi - lo) + 1)); }
  // Every third at a bound or next to it, every third small.
  int64_t value(int64_t lo, int64_t hi) {
    switch (below(3)) {
      case 0:
        return one_in(2) ? std::max(lo, hi - between(0, 1)) : std::min(hi, lo + between(0, 1));
      case 1:
        return std::clamp(between(lo, hi) >> below(32), lo, hi);
      default:
        return between(lo, hi);
    }
  }
  int64_t signed_bits(int n) { return value(-(int64_t{1} << (n - 1)), (int64_t{1} << (n - 1)) - 1); }
  uint64_t bits(int n) { return static_cast<uint64_t>(value(0, (int64_t{1} << n) - 1)); }

 private:
  Rng rng_;
};

// Calls test(seed, random) for seeds 1 to n, up to one that fails, which is named.
template <class Test>
void for_seeds(uint64_t n, const Test& test) {
  for (uint64_t seed = 1; seed <= n && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    test(seed, random);
  }
}

// A verilated module whose registers begin with random values.
template <class Top>
class Module {
 public:
  explicit Module(uint64_t seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed));
    top_ = std::make_unique<Top>(&context_);
    if constexpr (requires { top_->rst_ni; }) top_->rst_ni = 1;
  }
  ~Module() { accel::write_coverage(context_); }
  Top& operator*() { return *top_; }
  Top* operator->() { return top_.get(); }

  // Outputs of this cycle, by its inputs.
  void settle() {
    if constexpr (requires { top_->clk_i; }) top_->clk_i = 0;
    top_->eval();
  }
  // The edge that ends the cycle.
  void clock() {
    settle();
    top_->clk_i = 1;
    top_->eval();
  }
  void reset() {
    top_->rst_ni = 0;
    clock();
    top_->rst_ni = 1;
  }

 private:
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
};

// What was given `cycles` calls ago.
template <class T>
class Delay {
 public:
  explicit Delay(size_t cycles) : cycles_(cycles) {}
  std::optional<T> operator()(T now) {
    values_.push_back(std::move(now));
    if (values_.size() <= cycles_) return std::nullopt;
    T then = std::move(values_.front());
    values_.pop_front();
    return then;
  }

 private:
  size_t cycles_;
  std::deque<T> values_;
};

// Bits [at, at + width) of a port, at most 64 of them; Verilator keeps the lowest bits first.
template <class Port>
uint64_t get(const Port& port, size_t at, size_t width) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&port);
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value |= uint64_t(bytes[(at + i) / 8] >> (at + i) % 8 & 1) << i;
  return value;
}
template <class Port>
int64_t get_signed(const Port& port, size_t at, size_t width) {
  return static_cast<int64_t>(get(port, at, width) << (64 - width)) >> (64 - width);
}
template <class Port>
void put(Port& port, size_t at, size_t width, uint64_t value) {
  auto* bytes = reinterpret_cast<uint8_t*>(&port);
  for (size_t i = 0; i < width; ++i) {
    const auto bit = static_cast<uint8_t>(1U << (at + i) % 8);
    uint8_t& byte = bytes[(at + i) / 8];
    byte = static_cast<uint8_t>(value >> i & 1 ? byte | bit : byte & ~bit);
  }
}

// `value` in two's complement of `width` bits.
inline int64_t wrapped(int64_t value, int width) {
  return static_cast<int64_t>(static_cast<uint64_t>(value) << (64 - width)) >> (64 - width);
}

// dsode_pkg::step_t.
struct Step {
  uint32_t group = 0, ring = 0;
  bool top = false, bottom = false, left = false, right = false;  // outside of the map
  bool first = false, emit = false;
  uint32_t slot = 0, replay = 0;
  bool tile_done = false;

  bool operator==(const Step&) const = default;
  uint64_t pack() const {
    return uint64_t{group} << 32 | ring << 20 | top << 19 | bottom << 18 | left << 17 | right << 16 |
           first << 15 | emit << 14 | slot << 11 | replay << 1 | tile_done;
  }
};

// dsode_pkg::load_t: one part of a word on its way into a memory.
inline uint64_t load_word(accel::Memory memory, size_t part, size_t address, uint32_t data) {
  return uint64_t{1} << 63 | uint64_t(memory) << 60 | uint64_t{part} << 48 | uint64_t{address} << 32 | data;
}

template <class Port>
void put(Port& port, const accel::Descriptor& descriptor) {
  const std::vector<uint32_t> parts = accel::pack(descriptor);
  for (size_t i = 0; i < parts.size(); ++i) port[i] = parts[i];
}

}  // namespace dsode::rtl
