// Label-free checkpoint selection: one file, one function, one registration each. Higher is better. Ranking
// over a million checkpoints: Musgrave et al., arXiv 2208.07360.
#pragma once

#include <string>
#include <vector>

#include "eval/engine.h"

namespace dsode::adapt {

// What a selector may see of a candidate.
struct Evidence {
  eval::Outputs target;          // on unlabelled target training images
  double source_validation = 0;  // accuracy in percent; NaN where no source was given
};

struct SelectorInfo {
  std::string name;
  std::string paper;
  double (*score)(const Evidence&) = nullptr;
  bool needs_source = false;
};

const std::vector<SelectorInfo>& selectors();
// Throws bad_input with the nearest name.
const SelectorInfo& find_selector(const std::string& name);

struct RegisterSelector {
  explicit RegisterSelector(SelectorInfo info);
};

}  // namespace dsode::adapt
