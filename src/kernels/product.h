// One row of pixels times a matrix, for the instruction set that the including file is compiled for; see
// simd.h.
#pragma once

#include "kernels/simd_bf16.h"
#include "kernels/tiles.h"

namespace dsode::kernels {
namespace {

constexpr int kBlock = 2 * kLanes;  // output channels that lie together in packed weights
constexpr int kGroup = 16;          // input channels of a pixel that lie together in a line

// Where channel c of pixel x lies in a line [C/kGroup,.,kGroup], whose groups are `group` values apart:
// pixels are a constant apart, so that one address serves a whole tile.
inline long line_at(int x, int c, long group) { return c / kGroup * group + x * kGroup + c % kGroup; }

// Rows that are read or written soon, on their way from memory to the cache while a product is made: a line
// of each with every kFetchSteps steps of a tile. More at once would fill the buffers that its own loads wait
// for.
struct Ahead {
  static constexpr int kRows = 4, kFetchSteps = 4;
  const float* rows[kRows];
  long floats, at = 0;  // of a row; of it under way

  void fetch() {
    if (at >= floats) return;
#pragma GCC unroll 4
    for (const float* row : rows) prefetch(row + at);
    at += kCacheLine;
  }
};

// Of operands of a type, how many inputs one instruction multiplies in each lane.
template <class Value>
constexpr int kInputs = 1;
template <>
inline constexpr int kInputs<Bf16> = kBf16Group;

inline Vec load_weights(const float* p) { return load(p); }
inline Vec broadcast(const float* p) { return broadcast(*p); }

// r = line weight + bias + base; y = r or, where `relu`, max(0, r).
template <class Value>
struct Product {
  int width, in, out;   // line [in/kGroup,width,kGroup], y [width,out]; out a multiple of 16
  const Value* weight;  // pack_product()
  const float* bias;    // [3,out]: of the leftmost pixel, those between, the rightmost; or none
  bool relu;
  const float* base;                 // as y: y itself perhaps, or none
  Ahead* ahead = nullptr;            // or none
  int pixel = out, vector = kLanes;  // floats from a pixel of y, a vector of its outputs, to the next
  int group = width * kGroup;        // values from a group of the line to the next
};

// Pixels [x, x + kPixels), kVectors vectors of output channels from `k` on: the sums stay in registers, which
// is why a tile is a function of its own.
template <int kPixels, int kVectors, class Value>
[[gnu::noinline]] void product_tile(const Product<Value>& op, const Value* line, int x, int k, float* y) {
  const long out = op.out, group = op.group;
  const int steps = op.in / kInputs<Value>, steps_of_group = kGroup / kInputs<Value>;
  const long pixel = op.pixel, vector = op.vector, first = x * pixel + k / kLanes * vector;
  const Value* weight = op.weight + (long)k * op.in;
  const bool relus = op.relu;
  y += first;
  Vec sum[kPixels][kVectors];
  line += x * kGroup;
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) {
    const int place = p == 0 && x == 0 ? 0 : p + 1 == kPixels && x + kPixels == op.width ? 2 : 1;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v)
      sum[p][v] = op.bias ? load(op.bias + place * out + k + v * kLanes) : zero();
  }
  if (op.base) {
    const float* base = op.base + first;
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p, base = held(base + pixel))
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[p][v] = add(sum[p][v], load(base + v * vector));
  }
  const auto step = [&](int c) __attribute__((always_inline)) {
    decltype(load_weights(weight)) w[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) w[v] = load_weights(weight + v * kLanes * kInputs<Value>);
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) {
      const auto value = broadcast(line + p * kGroup + c * kInputs<Value>);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[p][v] = fma(value, w[v], sum[p][v]);
    }
    weight += kVectors * kLanes * kInputs<Value>;
  };
  for (int first = 0; first < steps; first += steps_of_group, line += group) {
    const int some = steps - first < steps_of_group ? steps - first : steps_of_group;
    int c = 0;
    for (; c + Ahead::kFetchSteps <= some; c += Ahead::kFetchSteps) {
      if (op.ahead) op.ahead->fetch();
#pragma GCC unroll 4
      for (int i = 0; i < Ahead::kFetchSteps; ++i) step(c + i);
    }
    for (; c < some; ++c) step(c);
  }
  if (relus)
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[p][v] = relu(sum[p][v]);
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p, y = held(y + pixel))
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) store(y + v * vector, sum[p][v]);
}

// Calls tile<kVectors>(k) for each two vectors of channels from k on, and for the last where it is alone.
template <class Tile>
inline void for_each_vectors(int channels, const Tile& tile) {
  int k = 0;
  for (; k + kBlock <= channels; k += kBlock) tile.template operator()<2>(k);
  if (k < channels) tile.template operator()<1>(k);
}

template <int kVectors, class Value>
inline void product_block(const Product<Value>& op, const Value* line, int k, float* y) {
  for_each_even_tile<2 * kTilePixels / kVectors>(
      op.width, [&]<int kPixels>(int x) { product_tile<kPixels, kVectors>(op, line, x, k, y); });
}

template <class Value>
inline void product(const Product<Value>& op, const Value* line, float* y) {
  for_each_vectors(op.out, [&]<int kVectors>(int k) { product_block<kVectors>(op, line, k, y); });
}

// Where the biases of row i of n begin, [9,out] by the border class of ir/graph.h.
inline const float* bias_of_row(const float* bias, int i, int n, int out) {
  return bias + (i == 0 ? 0 : i + 1 < n ? 3 : 6) * out;
}

}  // namespace
}  // namespace dsode::kernels
