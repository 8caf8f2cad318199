// The report of a training run.
#pragma once

#include <string>

#include "data/dataset.h"
#include "model/network.h"
#include "report/run_report.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace dsode::cli {

struct TrainedRun {
  const train::RunFolder& folder;
  const train::TrainResult& result;
  const data::LabelledSet& validation;  // held-out source images
  std::string config, command;
  uint64_t seed = 1;
};

// Runs `best`, the kept network, on the validation images.
report::RunReport train_report(const TrainedRun& run, model::Network& best);

}  // namespace dsode::cli
