#include "adapt/selector.h"

#include <algorithm>

#include "base/error.h"
#include "base/names.h"

namespace dsode::adapt {

namespace {

std::vector<SelectorInfo>& registry() {
  static std::vector<SelectorInfo> all;
  return all;
}

}  // namespace

const std::vector<SelectorInfo>& selectors() { return registry(); }

const SelectorInfo& find_selector(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& info : selectors()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  throw bad_input(fmt::format("--select: unknown value '{}'", name), unknown_name_hint(name, names));
}

RegisterSelector::RegisterSelector(SelectorInfo info) {
  const auto at = std::ranges::lower_bound(registry(), info.name, {}, &SelectorInfo::name);
  registry().insert(at, std::move(info));
}

}  // namespace dsode::adapt
