// Training-time augmentation of single images.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "data/dataset.h"

namespace dsode::data {

struct AugmentInfo {
  std::string name;
  std::string help;
};
// Names in the order for people. Pixels that come in from outside are black in grey images (sets whose
// background is black), the repeated edge in colour ones, and mirrored in `crop-flip`: `none`, `affine`
// (rotation +-15 degrees, scale 0.75-1.35, anisotropy +-0.25, shear 0.2, shift 8 %), `digits` (affine, then
// randomly dilate or erode), `crop-flip` (pad 1/8, random crop, horizontal flip), `shift-flip` (shift 8 %,
// horizontal flip), `weak` (shift 8 % alone).
const std::vector<AugmentInfo>& augmentations();

// Throws bad_input with the nearest name where there is none.
void check_augmentation(const std::string& name);

// Writes an augmented copy of `in` to `out`, both of `shape` and not overlapping. All randomness comes from
// `rng`. `name` is a checked one.
void augment(const std::string& name, Shape shape, std::span<const uint8_t> in, std::span<uint8_t> out,
             Rng& rng);

}  // namespace dsode::data
