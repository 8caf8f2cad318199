// The kernel of head.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/head/head_isa.h"
#include "kernels/product.h"

namespace dsode::kernels {
namespace {

// Calls put(at, x, normed) for each pixel of the vector of channels from c on.
template <class Put>
inline void each_pixel(const Head& op, const float* x, int c, const Put& put) {
  const Vec scale = load(op.scale + c), shift = load(op.shift + c);
  for (int at = c; at < op.pixels * op.channels; at += op.channels) {
    const Vec value = load(x + at);
    put(at, value, fma(value, scale, shift));
  }
}

void head(const Head& op, const float* x, float* features, float* scores) noexcept {
  const Vec share = broadcast(1.0F / (float)op.pixels);
  for (int c = 0; c < op.channels; c += kLanes) {
    Vec sum = zero();
    each_pixel(op, x, c, [&](int, Vec, Vec normed) { sum = add(sum, relu(normed)); });
    store(features + c, fma(sum, share, zero()));
  }
  if (op.classes > 0)
    product<float>({1, op.channels, op.classes, op.weight, op.bias, false, nullptr}, features, scores);
}

void head_sums(const Head& op, const float* x, const float* features, const float* mean, float* g,
               float* gx) noexcept {
  const Vec share = broadcast(1.0F / (float)op.pixels);
  for (int c = 0; c < op.channels; c += kLanes) {
    const Vec gradient = fma(load(features + c), share, zero()), centre = load(mean + c);
    Vec sum_g = load(g + c), sum_gx = load(gx + c);
    each_pixel(op, x, c, [&](int, Vec value, Vec normed) {
      const Vec here = where_positive(normed, gradient);
      sum_g = add(sum_g, here);
      sum_gx = fma(here, sub(value, centre), sum_gx);
    });
    store(g + c, sum_g);
    store(gx + c, sum_gx);
  }
}

void head_gradient(const Head& op, const float* x, const float* features, const HeadNorm& norm,
                   float* g) noexcept {
  const Vec share = broadcast(1.0F / (float)op.pixels);
  for (int c = 0; c < op.channels; c += kLanes) {
    const Vec gradient = fma(load(features + c), share, zero()), scale = load(norm.scale + c),
              offset = load(norm.offset + c), slope = load(norm.slope + c), mean = load(norm.mean + c);
    each_pixel(op, x, c, [&](int at, Vec value, Vec normed) {
      const Vec through = fma(sub(value, mean), slope, offset);
      store(g + at, fma(where_positive(normed, gradient), scale, through));
    });
  }
}

}  // namespace
}  // namespace dsode::kernels
