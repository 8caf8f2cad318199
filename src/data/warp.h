// Bilinear warps of small images: one pass of fixed-point arithmetic, several times faster at 28x28 than a
// call into OpenCV, and the same bits on every machine and thread count.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "data/dataset.h"

namespace dsode::data {

// What lies outside the input: black, its edge pixels repeated, or its mirror image.
enum class Border { kBlack, kReplicate, kReflect };

// Row-major 3x3 homography.
using Homography = std::array<double, 9>;

Homography operator*(const Homography& a, const Homography& b);
Homography rotation(double degrees);  // anticlockwise on the screen (y points down)
Homography scaling(double x, double y);
Homography translation(double x, double y);
// Adds (x, y) . position to the projective denominator: the plane tilts away towards positive values.
Homography tilt(double x, double y);

// out(p) = in(inverse(p)). Positions are relative to the centre of the image in units of half its shorter
// side, so that one homography means the same at every size. `in` and `out` must not overlap.
void warp(Shape shape, std::span<const uint8_t> in, std::span<uint8_t> out, const Homography& inverse,
          Border border);

}  // namespace dsode::data
