#include "data/spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/names.h"
#include "base/rng.h"
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

// What stands between the brackets of a range, or nothing where `text` does not end in one.
std::optional<std::string> take_range(std::string& text) {
  const size_t open = text.rfind('[');
  if (open == std::string::npos || text.back() != ']') return std::nullopt;
  const std::string inside = text.substr(open + 1, text.size() - open - 2);
  if (inside.find(':') == std::string::npos || inside.find_first_not_of("0123456789:%") != std::string::npos)
    return std::nullopt;
  text.resize(open);
  return inside;
}

Range parse_range(const std::string& spec, const std::string& text) {
  const auto refuse = [&] {
    return bad_input(fmt::format("data set '{}': no range '[{}]'", spec, text),
                     "write [FROM:TO] in images or percent, FROM below TO: [0:1000], [70%:100%]");
  };
  const auto bound = [&](std::string part, Range& range) {
    const bool percent = !part.empty() && part.back() == '%';
    if (percent) part.pop_back();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) throw refuse();
    range.percent = percent;
    return value;
  };
  const size_t colon = text.find(':');
  Range first, range;
  first.from = bound(text.substr(0, colon), first);
  range.from = first.from;
  range.to = bound(text.substr(colon + 1), range);
  if (first.percent != range.percent || range.from >= range.to || (range.percent && range.to > 100))
    throw refuse();
  return range;
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
  if (text.empty())
    throw bad_input("no data set named", "write --data mnist, or see `dsodenet data` for the names");
  Spec spec;
  std::string rest = text;
  const size_t colon = text.find(':');
  for (const auto& [prefix, source] : kPathSources)
    if (text.substr(0, colon) == prefix) spec.source = source;

  spec.shifts = take_shifts(rest);
  if (const auto range = take_range(rest)) spec.range = parse_range(text, *range);
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

std::string spec_text(const Spec& spec) {
  std::string text = spec.set;
  for (const auto& [prefix, source] : kPathSources)
    if (spec.source == source) text = fmt::format("{}:{}", prefix, spec.path.string());
  if (spec.split) text += fmt::format(":{}", split_name(*spec.split));
  if (spec.range) {
    const char* unit = spec.range->percent ? "%" : "";
    text += fmt::format("[{}{}:{}{}]", spec.range->from, unit, spec.range->to, unit);
  }
  for (const ShiftTerm& shift : spec.shifts) text += fmt::format("+{}", shift_text(shift));
  return text;
}

std::vector<int> Range::positions(int n, const std::string& text) const {
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  if (percent) Rng(0, Stream::kSplit).shuffle<int>(order);
  const int64_t begin = percent ? n * from / 100 : from, end = percent ? n * to / 100 : to;
  if (begin >= end || end > n)
    throw bad_input(fmt::format("data set '{}': it has {} images, so no such range", text, n),
                    "give a range inside the set");
  return {order.begin() + begin, order.begin() + end};
}

}  // namespace dsode::data
