// Domain shifts: deterministic corruptions of whole sets, each image's draw keyed by (seed, index).
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

// One term after a plus: `rotate30`, `noise3`, `blend`. `severity` is 1-5 (3 where the spec gives no number); `amount`
// is the number as written, for shifts that take it in their own unit (rotate: degrees above 5).
struct ShiftTerm {
  std::string name;
  int amount = 3;
};

struct ShiftInfo {
  std::string name;
  std::string help;  // what it does, with the parameter at severities 1-5
};
const std::vector<ShiftInfo>& shifts();

// Parses "rotate30"; throws bad_input with the nearest name.
ShiftTerm parse_shift(const std::string& text);

// Applies the terms in order. `seed` and the image index key all randomness.
Images apply_shifts(Images images, const std::vector<ShiftTerm>& terms, uint64_t seed);

}  // namespace dsode::data
