// The text that names a data set on the command line, parsed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/shift.h"

namespace dsode::data {

enum class Source { kNamed, kFolder, kIdx, kCifar, kSvhn };

// A part of a set: `[a:b]` are its images a to b - 1, `[a%:b%]` that share of them in a random order that is
// the same for every seed, so that two parts are disjoint whatever else differs.
struct Range {
  int64_t from = 0, to = 0;
  bool percent = false;

  // The positions it means in a set of n images. Throws bad_input naming `text` where the set has no such.
  std::vector<int> positions(int n, const std::string& text) const;
};

struct Spec {
  Source source = Source::kNamed;
  std::string set;             // kNamed
  std::optional<Split> split;  // kNamed, where the spec says it
  std::filesystem::path path;  // all others
  std::optional<Range> range;
  std::vector<ShiftTerm> shifts;
};

// Parses `set`, `set:split`, `folder:PATH`, `idx:PREFIX`, `cifar10-bin:PATH` or `svhn:PATH`, each with a
// range such as
// `[0:100]` or `[70%:100%]` and `+shift` terms, in this order. A PATH may contain colons, and plus signs
// where no shift-like word ends the spec
// ("folder:a+b/" but not "folder:a+b"). Throws bad_input with the nearest set, split or shift.
Spec parse_spec(const std::string& text);
// The text that parses to `spec`.
std::string spec_text(const Spec& spec);

}  // namespace dsode::data
