// `camera` imitates a cheap camera that looks at the picture: a fixed chain, each part drawn anew for each
// image, the ranges below at strength 1 (severity 3) and growing with the strength.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "data/shift_effects.h"
#include "data/warp.h"

namespace dsode::data {

namespace {

struct Range {
  double low, high;
};

constexpr double kDegrees = 8;             // held askew, each way
constexpr double kTilt = 0.08;             // perspective, each axis (see tilt() in warp.h)
constexpr double kOffset = 0.08;           // off centre, in half sides, each axis
constexpr Range kZoom = {0.85, 1.05};      // distance
constexpr Range kContrast = {0.7, 0.92};   // share of the range that veiling glare leaves, and
constexpr Range kBlack = {0.3, 0.8};       // where it sits: black as a share of what the glare took
constexpr Range kLightFall = {0.1, 0.35};  // illumination falls off linearly by this, centre to edge
constexpr double kCast = 0.08;             // white balance, each channel of a colour image
constexpr Range kBlur = {0.3, 0.6};        // sigma, pixels at side 32
constexpr double kNoise = 0.012;           // standard deviation of the sensor, of full range
constexpr double kGamma = 0.4;             // tone curve: exponent 2^+-kGamma

double draw(Range range, Rng& rng) { return rng.uniform(range.low, range.high); }

Homography draw_view(double strength, Rng& rng) {
  const auto symmetric = [&](double reach) { return strength * rng.uniform(-reach, reach); };
  const double degrees = symmetric(kDegrees);
  const double x = symmetric(kOffset), y = symmetric(kOffset);
  const double tilt_x = symmetric(kTilt), tilt_y = symmetric(kTilt);
  const double zoom = std::pow(draw(kZoom, rng), strength);
  return scaling(1 / zoom, 1 / zoom) * tilt(tilt_x, tilt_y) * rotation(degrees) * translation(x, y);
}

// x -> (black + contrast x) (1 + slope . position) cast
void light(std::span<uint8_t> pixels, Shape shape, double strength, Rng& rng) {
  const double left = std::pow(draw(kContrast, rng), strength);
  const double black = 255 * (1 - left) * draw(kBlack, rng);
  const double fall = std::min(0.9, strength * draw(kLightFall, rng));
  const double angle = rng.uniform(0, 2 * std::numbers::pi);
  std::array<float, 3> cast = {1, 1, 1};
  if (shape.c == 3)
    for (float& gain : cast) gain = static_cast<float>(1 + strength * rng.uniform(-kCast, kCast));
  const auto offset = static_cast<float>(black), gain = static_cast<float>(left);
  const auto slope_x = static_cast<float>(2 * fall * std::cos(angle) / shape.w);
  const auto slope_y = static_cast<float>(2 * fall * std::sin(angle) / shape.h);
  uint8_t* pixel = pixels.data();
  for (int y = 0; y < shape.h; ++y) {
    const float row = 1 + slope_y * (y + 0.5f - 0.5f * shape.h) - slope_x * (0.5f * shape.w - 0.5f);
    for (int x = 0; x < shape.w; ++x)
      for (int c = 0; c < shape.c; ++c, ++pixel) {
        const float lit = (offset + gain * *pixel) * (row + slope_x * x) * cast[c];
        *pixel = static_cast<uint8_t>(std::clamp(lit + 0.5f, 0.0f, 255.0f));
      }
  }
}

void tone(std::span<uint8_t> pixels, double exponent) {
  std::array<uint8_t, 256> table;
  for (size_t value = 0; value < table.size(); ++value)
    table[value] = static_cast<uint8_t>(255 * std::pow(static_cast<double>(value) / 255, exponent) + 0.5);
  for (uint8_t& pixel : pixels) pixel = table[pixel];
}

}  // namespace

Effect camera(double strength, Shape shape) {
  return [=](std::span<uint8_t> pixels, Rng& rng) {
    warp_in_place(pixels, shape, draw_view(strength, rng));
    light(pixels, shape, strength, rng);
    blur_in_place(pixels, shape, strength * draw(kBlur, rng));
    add_noise(pixels, strength * kNoise, rng);
    tone(pixels, std::exp2(strength * rng.uniform(-kGamma, kGamma)));
  };
}

}  // namespace dsode::data
