// Supervised training on the source set.
#pragma once

#include <cstdint>
#include <string>

#include "data/batches.h"
#include "data/dataset.h"
#include "ir/safetensors.h"
#include "model/network.h"
#include "train/options.h"
#include "train/run_folder.h"

namespace dsode::train {

struct TrainResult {
  double accuracy = 0;  // percent, source validation, of the best checkpoint
  int best_epoch = 0, epochs = 0;
  double seconds = 0, images_per_second = 0;
  int validation_images = 0, validation_right = 0;
};

struct TrainContext {
  uint64_t seed = 1;
  std::string device = "cpu";
  bool resume = false;
};

// How a source set was split for training; checkpoints carry it, so that adaptation holds out the same
// images.
struct SplitKey {
  uint64_t seed = 1;
  double validation = 0.1;
};
std::string split_text(const SplitKey& key);
// The key in a checkpoint's metadata. Throws bad_input naming `file` where there is none.
SplitKey read_split(const ir::SafeTensors& file);

// Trains, keeping the checkpoint of the best validation accuracy in `folder.best()` and the state to go on
// from in `folder.last()`. Throws Error: kFailed on a loss that is not finite, kInterrupted (state saved) on
// Ctrl-C.
TrainResult train(const TrainOptions& options, const TrainContext& context, const data::LabelledSet& source,
                  const RunFolder& folder);

// The spec of `options` for a set: its classes, and the normalisation measured on it.
ir::ModelSpec spec_for(const TrainOptions& options, const data::LabelledSet& source);

}  // namespace dsode::train
