// Quantisation-aware fine-tuning: weights and steps learn to make up for rounding.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/options.h"
#include "data/dataset.h"
#include "ir/graph.h"
#include "quant/unit.h"

namespace dsode::adapt {

struct FineTuneOptions {
  int epochs = 2;
  int images_per_epoch = 12'000;  // 0: all
  int batch_size = 64;
  double lr = 1e-3;  // peak
  std::string augment = "auto";
  uint64_t seed = 1;
  void declare(OptionSet& options_set);
};

// Throws bad_input naming the option whose value makes no sense.
void validate(const FineTuneOptions& options);

// The graph and the scales for quant::quantize, learned by saying what the float graph says (distillation:
// Hinton et al., arXiv 1503.02531) of `images`, for which no label is needed, or of `source` and its labels.
// Throws failed on a loss that is not finite, Code::kInterrupted on Ctrl-C.
std::pair<ir::Graph, quant::Scales> fine_tune(const ir::Graph& graph, const quant::Scales& scales,
                                              const ir::integer::Bits& bits,
                                              const data::UnlabelledSet& images,
                                              const std::optional<data::LabelledSet>& source,
                                              const FineTuneOptions& options);

}  // namespace dsode::adapt
