#include "data/spec.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/names.h"
#include "data/registry.h"

namespace dsode::data {

namespace {

constexpr std::array<std::pair<std::string_view, Source>, 4> kPathSources{{
    {"folder", Source::kFolder},
    {"idx", Source::kIdx},
    {"cifar10-bin", Source::kCifar},
    {"svhn", Source::kSvhn},
}};

// "rotate30", "noise", "blend@FOLDER": what may stand after a plus, as against a piece of a path.
bool looks_like_shift(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('@'));
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::all_of(name.begin(), name.end(), allowed);
}

// Cuts the `+shift` terms off the end of `text`, last one first.
std::vector<ShiftTerm> take_shifts(std::string& text) {
  std::vector<ShiftTerm> terms;
  for (size_t plus = text.rfind('+'); plus != std::string::npos && plus > 0;
       plus = text.rfind('+', plus - 1)) {
    const std::string term = text.substr(plus + 1);
    if (!looks_like_shift(term)) continue;  // a plus inside a path
    terms.insert(terms.begin(), parse_shift(term));
    text.resize(plus);
  }
  return terms;
}

Split parse_split(const std::string& set, const std::string& text) {
  if (text == "train") return Split::kTrain;
  if (text == "test") return Split::kTest;
  const std::vector<std::string> splits{"train", "test"};
  throw bad_input(fmt::format("data set '{}': unknown split '{}'", set, text),
                  unknown_name_hint(text, splits));
}

[[noreturn]] void throw_unknown_set(const std::string& name) {
  if (name.find('/') != std::string::npos)
    throw bad_input(fmt::format("unknown data set '{}'", name),
                    fmt::format("for pictures write folder:{}", name));
  std::vector<std::string> known;
  for (const NamedSet& set : named_sets()) known.push_back(set.name);
  for (const auto& [prefix, source] : kPathSources) known.emplace_back(prefix);
  throw bad_input(fmt::format("unknown data set '{}'", name), unknown_name_hint(name, known));
}

}  // namespace

Spec parse_spec(const std::string& text) {
  Spec spec;
  std::string rest = text;
  const size_t colon = text.find(':');
  for (const auto& [prefix, source] : kPathSources)
    if (text.substr(0, colon) == prefix) spec.source = source;

  spec.shifts = take_shifts(rest);
  if (spec.source != Source::kNamed) {
    if (colon == std::string::npos || colon + 1 >= rest.size())
      throw bad_input(fmt::format("data set '{}': no path", text),
                      fmt::format("write {}:PATH", rest.substr(0, colon)));
    spec.path = rest.substr(colon + 1);
    return spec;
  }
  if (const size_t plus = rest.find('+'); plus != std::string::npos)
    parse_shift(rest.substr(plus + 1));  // throws
  spec.set = rest.substr(0, rest.find(':'));
  if (find_named_set(spec.set) == nullptr) throw_unknown_set(spec.set);
  if (const size_t at = rest.find(':'); at != std::string::npos)
    spec.split = parse_split(spec.set, rest.substr(at + 1));
  return spec;
}

}  // namespace dsode::data
