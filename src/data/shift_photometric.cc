#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "data/shift_effects.h"

namespace dsode::data {

namespace {

// An effect that maps each value alone: `map` takes and gives 0-255, unrounded and unclamped.
template <class Map>
Effect value_map(Map map) {
  std::array<uint8_t, 256> table;
  for (int value = 0; value < 256; ++value)
    table[static_cast<size_t>(value)] = static_cast<uint8_t>(std::clamp(std::lround(map(value)), 0L, 255L));
  return [table](std::span<uint8_t> pixels, Rng&) {
    for (uint8_t& pixel : pixels) pixel = table[pixel];
  };
}

}  // namespace

Effect brightness(double offset, Shape) {
  return value_map([=](double x) { return x + 255 * offset; });
}

Effect contrast(double factor, Shape) {
  return [=](std::span<uint8_t> pixels, Rng&) {
    const double mean =
        std::accumulate(pixels.begin(), pixels.end(), 0.0) / static_cast<double>(pixels.size());
    for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(mean + factor * (pixel - mean) + 0.5);
  };
}

Effect gamma(double exponent, Shape) {
  return value_map([=](double x) { return 255 * std::pow(x / 255, exponent); });
}

Effect invert(double, Shape) {
  return value_map([](double x) { return 255 - x; });
}

}  // namespace dsode::data
