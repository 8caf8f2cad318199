// The text that names a data set on the command line, parsed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/shift.h"

namespace dsode::data {

enum class Source { kNamed, kFolder, kIdx, kCifar, kSvhn };

struct Spec {
  Source source = Source::kNamed;
  std::string set;             // kNamed
  std::optional<Split> split;  // kNamed, where the spec says it
  std::filesystem::path path;  // all others
  std::vector<ShiftTerm> shifts;
};

// Parses `set`, `set:split`, `folder:PATH`, `idx:PREFIX`, `cifar10-bin:PATH` or `svhn:PATH`, each with
// `+shift` terms. A PATH may contain colons, and plus signs where no shift-like word ends the spec
// ("folder:a+b/" but not "folder:a+b"). Throws bad_input with the nearest set, split or shift.
Spec parse_spec(const std::string& text);

}  // namespace dsode::data
