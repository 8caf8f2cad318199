// Domain shifts: deterministic corruptions of whole sets, each image's draw keyed by (seed, index).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

// One term after a plus: `rotate30`, `noise3`, `blend`, `blend@FOLDER`. `amount` is the severity, 1-5 (3
// where the spec gives no number); for `rotate` any other number is the angle itself in degrees, positive
// turning anticlockwise.
struct ShiftTerm {
  std::string name;
  int amount = 3;
  std::filesystem::path path = {};  // of `blend`: a folder of PNG/JPEG pictures to use as textures
};

struct ShiftInfo {
  std::string name;
  std::string help;  // what it does, with the parameter at severities 1-5
};
const std::vector<ShiftInfo>& shifts();

// Parses `name`, `nameN`, `name@PATH`, `nameN@PATH`; throws bad_input with the nearest name.
ShiftTerm parse_shift(const std::string& text);
// The text that parses to `term`.
std::string shift_text(const ShiftTerm& term);

// Applies the terms in order. Every draw is keyed by the seed, the term's position and the image's index, so
// the result does not depend on thread counts. Where a geometric shift uncovers pixels, grey images get black
// ones and colour images mirror themselves. Throws bad_input where a term's number or texture folder is no
// good.
Images apply_shifts(Images images, const std::vector<ShiftTerm>& terms, uint64_t seed);

}  // namespace dsode::data
