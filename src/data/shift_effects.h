// Single-image effects behind shift.h, a file per family. Each maker takes the parameter that its row of the
// table in shift.cc gives for a severity, prepares what all images share, and returns the effect.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <span>

#include "base/rng.h"
#include "data/dataset.h"

namespace dsode::data {

// Changes one image in place; all its randomness comes from the Rng.
using Effect = std::function<void(std::span<uint8_t> pixels, Rng& rng)>;

// shift_geometry.cc
Effect rotate(double degrees, Shape shape);   // anticlockwise, the same for every image
Effect zoom(double factor, Shape shape);      // in or out by `factor`, drawn
Effect translate(double share, Shape shape);  // by `share` of the shorter side, direction drawn
Effect occlude(double share,
               Shape shape);  // a rectangle over `share` of the area, place, aspect and colour drawn

// shift_photometric.cc
Effect brightness(double offset, Shape shape);  // adds `offset` x 255
Effect contrast(double factor, Shape shape);    // about the image's mean
Effect gamma(double exponent, Shape shape);     // x -> x^exponent, x in [0,1]
Effect invert(double, Shape shape);             // x -> 1 - x

// shift_quality.cc. Lengths are given at 32 pixels of the shorter side, and grow with it.
Effect blur(double sigma, Shape shape);       // Gaussian, pixels at side 32
Effect noise(double deviation, Shape shape);  // Gaussian, independent per value, `deviation` x 255
Effect pixelate(double side, Shape shape);    // to `side` blocks along the shorter side
Effect jpeg(double quality, Shape shape);

// shift_texture.cc: |texture - image| as in MNIST-M (Ganin et al. 2016), the texture's contrast scaled by
// `amplitude`.
Effect blend(double amplitude, Shape shape);  // textures drawn from procedural noise
Effect blend(double amplitude, Shape shape, const std::filesystem::path& folder);

// shift_camera.cc
Effect camera(double strength, Shape shape);

// Parts that `camera` shares with the single effects.
void add_noise(std::span<uint8_t> pixels, double deviation, Rng& rng);
void blur_in_place(std::span<uint8_t> pixels, Shape shape, double sigma);  // pixels at side 32
// Fills pixels that a warp uncovers: black in grey images, the mirror image in colour ones.
void warp_in_place(std::span<uint8_t> pixels, Shape shape, const std::array<double, 9>& inverse);

}  // namespace dsode::data
