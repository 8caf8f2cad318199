#include "adapt/selector.h"

#include "adapt/registry.h"

namespace dsode::adapt {

const std::vector<SelectorInfo>& selectors() { return Registry<SelectorInfo>::all(); }

const SelectorInfo& find_selector(const std::string& name) {
  return Registry<SelectorInfo>::find(name, "--select");
}

RegisterSelector::RegisterSelector(SelectorInfo info) { Registry<SelectorInfo>::add(std::move(info)); }

}  // namespace dsode::adapt
