// Adaptation of a trained network to unlabelled target images, and the label-free choice among its
// candidates.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapt/method.h"
#include "adapt/selector.h"

namespace dsode::adapt {

struct Candidate {
  std::string name;  // "source-only", "epoch 1", ...
  double loss = 0;
  std::map<std::string, double> scores;  // of every selector that could be computed
  model::Network network{nullptr};
};

struct AdaptResult {
  std::string method, selector;
  std::vector<Candidate> candidates;  // source-only first
  int chosen = 0;
  double seconds = 0;
  const Candidate& pick() const { return candidates[static_cast<size_t>(chosen)]; }
};

struct AdaptContext {
  uint64_t seed = 1;
  std::string device = "cpu";
};

// The source set in the parts that training made of it.
struct Source {
  data::LabelledSet train, validation;
};

// Throws bad_input naming the option that can't be, and where the method or the selector needs a source and
// there is none.
void validate(const AdaptOptions& options, bool has_source, const data::UnlabelledSet& target);

// Leaves `network` as it is. Throws bad_input when the method or the selector needs a source and there is
// none.
AdaptResult adapt(const AdaptOptions& options, const AdaptContext& context, model::Network& network,
                  const std::optional<Source>& source, const data::UnlabelledSet& target);

}  // namespace dsode::adapt
