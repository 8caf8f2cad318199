#include "data/warp.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "base/error.h"

namespace dsode::data {

namespace {

// Positions in the padded input are fixed-point with 8 fractional bits.
constexpr int kBits = 8;
constexpr int kOne = 1 << kBits;

// One pixel of border before and two after each row and column: a position clamped to [0, side + 1] then
// reads the border on both taps, and no tap needs a test.
constexpr int kBefore = 1, kPad = 3;

struct Scratch {
  std::vector<uint8_t> padded;
  std::vector<int> u, v;  // input positions of one output row
};

void pad(Shape shape, std::span<const uint8_t> in, Border border, std::vector<uint8_t>& padded) {
  const size_t row = static_cast<size_t>(shape.w) * shape.c;
  const size_t padded_row = row + static_cast<size_t>(kPad) * shape.c;
  padded.assign(padded_row * (shape.h + kPad), 0);
  for (int y = 0; y < shape.h + kPad; ++y) {
    const int from = std::clamp(y - kBefore, 0, shape.h - 1);
    if (border == Border::kBlack && from != y - kBefore) continue;
    uint8_t* out = padded.data() + y * padded_row;
    std::memcpy(out + kBefore * shape.c, in.data() + from * row, row);
    if (border == Border::kBlack) continue;
    for (int c = 0; c < shape.c; ++c) {
      out[c] = out[kBefore * shape.c + c];
      for (int x = shape.w + kBefore; x < shape.w + kPad; ++x)
        out[x * shape.c + c] = out[shape.w * shape.c + c];
    }
  }
}

// The same homography between pixel indices: output (x, y) to padded input.
std::array<float, 9> in_pixels(Shape shape, const Homography& inverse) {
  const double half = 0.5 * std::min(shape.w, shape.h);
  const double x = 0.5 * (shape.w - 1), y = 0.5 * (shape.h - 1);
  const Homography m = translation(x + kBefore, y + kBefore) * scaling(half, half) * inverse *
                       scaling(1 / half, 1 / half) * translation(-x, -y);
  std::array<float, 9> result;
  for (size_t i = 0; i < 9; ++i) result[i] = static_cast<float>(m[i] / m[8]);
  return result;
}

// Folds padded position `p` into [kBefore - 0.5, kBefore - 0.5 + side], mirroring at the ends.
float reflect(float p, float side) {
  const float t = std::fabs(std::fmod(p - (kBefore - 0.5f), 2 * side));
  return std::min(t, 2 * side - t) + (kBefore - 0.5f);
}

int to_fixed(float p, int side) {
  return static_cast<int>(std::clamp(p, 0.0f, static_cast<float>(side + 1)) * kOne + 0.5f);
}

void locate_row(Shape shape, const std::array<float, 9>& m, int y, Border border, Scratch& scratch) {
  const float u0 = m[1] * y + m[2], v0 = m[4] * y + m[5], d0 = m[7] * y + m[8];
  const bool affine = m[6] == 0 && m[7] == 0;
  for (int x = 0; x < shape.w; ++x) {
    float u = m[0] * x + u0, v = m[3] * x + v0;
    if (!affine) {
      const float scale = 1 / (m[6] * x + d0);
      u *= scale;
      v *= scale;
    }
    if (border == Border::kReflect) {
      u = reflect(u, static_cast<float>(shape.w));
      v = reflect(v, static_cast<float>(shape.h));
    }
    scratch.u[x] = to_fixed(u, shape.w);
    scratch.v[x] = to_fixed(v, shape.h);
  }
}

template <int kChannels>
void sample_row(Shape shape, const Scratch& scratch, uint8_t* out) {
  const int stride = (shape.w + kPad) * kChannels;
  for (int x = 0; x < shape.w; ++x, out += kChannels) {
    const int u = scratch.u[x], v = scratch.v[x];
    const int fu = u & (kOne - 1), fv = v & (kOne - 1);
    const uint8_t* p =
        scratch.padded.data() + static_cast<size_t>(v >> kBits) * stride + (u >> kBits) * kChannels;
    for (int c = 0; c < kChannels; ++c, ++p) {
      const int upper = p[0] * (kOne - fu) + p[kChannels] * fu;
      const int lower = p[stride] * (kOne - fu) + p[stride + kChannels] * fu;
      out[c] = static_cast<uint8_t>((upper * (kOne - fv) + lower * fv + kOne * kOne / 2) >> (2 * kBits));
    }
  }
}

}  // namespace

Homography operator*(const Homography& a, const Homography& b) {
  Homography product{};
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j)
      for (size_t k = 0; k < 3; ++k) product[3 * i + j] += a[3 * i + k] * b[3 * k + j];
  return product;
}

Homography rotation(double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  return {c, s, 0, -s, c, 0, 0, 0, 1};
}

Homography scaling(double x, double y) { return {x, 0, 0, 0, y, 0, 0, 0, 1}; }
Homography translation(double x, double y) { return {1, 0, x, 0, 1, y, 0, 0, 1}; }
Homography tilt(double x, double y) { return {1, 0, 0, 0, 1, 0, x, y, 1}; }

void warp(Shape shape, std::span<const uint8_t> in, std::span<uint8_t> out, const Homography& inverse,
          Border border) {
  DSODE_CHECK(in.size() == shape.size() && out.size() == shape.size(), "{} and {} bytes for {}x{}x{}",
              in.size(), out.size(), shape.h, shape.w, shape.c);
  DSODE_CHECK(shape.c == 1 || shape.c == 3, "{} channels", shape.c);
  thread_local Scratch scratch;
  pad(shape, in, border, scratch.padded);
  scratch.u.resize(static_cast<size_t>(shape.w));
  scratch.v.resize(static_cast<size_t>(shape.w));
  const auto m = in_pixels(shape, inverse);
  for (int y = 0; y < shape.h; ++y) {
    locate_row(shape, m, y, border, scratch);
    uint8_t* row = out.data() + static_cast<size_t>(y) * shape.w * shape.c;
    if (shape.c == 1)
      sample_row<1>(shape, scratch, row);
    else
      sample_row<3>(shape, scratch, row);
  }
}

}  // namespace dsode::data
