#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "data/shift_effects.h"
#include "data/warp.h"

namespace dsode::data {

void warp_in_place(std::span<uint8_t> pixels, Shape shape, const Homography& inverse) {
  thread_local std::vector<uint8_t> before;
  before.assign(pixels.begin(), pixels.end());
  warp(shape, before, pixels, inverse, shape.c == 1 ? Border::kBlack : Border::kReflect);
}

Effect rotate(double degrees, Shape shape) {
  return [=](std::span<uint8_t> pixels, Rng&) { warp_in_place(pixels, shape, rotation(-degrees)); };
}

Effect zoom(double factor, Shape shape) {
  return [=](std::span<uint8_t> pixels, Rng& rng) {
    const double inverse = rng.below(2) == 0 ? factor : 1 / factor;
    warp_in_place(pixels, shape, scaling(inverse, inverse));
  };
}

Effect translate(double share, Shape shape) {
  return [=](std::span<uint8_t> pixels, Rng& rng) {
    const double angle = rng.uniform(0, 2 * std::numbers::pi);
    const double length = 2 * share;  // in half sides
    warp_in_place(pixels, shape, translation(length * std::cos(angle), length * std::sin(angle)));
  };
}

Effect occlude(double share, Shape shape) {
  return [=](std::span<uint8_t> pixels, Rng& rng) {
    const double aspect = std::sqrt(rng.uniform(0.6, 1.6));
    const auto extent = [&](int side, double stretch) {
      return std::clamp(static_cast<int>(std::lround(std::sqrt(share) * stretch * side)), 1, side);
    };
    const int w = extent(shape.w, aspect), h = extent(shape.h, 1 / aspect);
    const auto left = rng.below(static_cast<uint64_t>(shape.w - w + 1));
    const auto top = rng.below(static_cast<uint64_t>(shape.h - h + 1));
    uint8_t colour[3];
    for (uint8_t& value : colour) value = static_cast<uint8_t>(rng.below(256));
    for (size_t y = top; y < top + h; ++y)
      for (size_t x = left; x < left + w; ++x)
        for (int c = 0; c < shape.c; ++c) pixels[(y * shape.w + x) * shape.c + c] = colour[c];
  };
}

}  // namespace dsode::data
