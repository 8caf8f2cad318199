// What the verbs that train do first: set up libtorch, split the source, make the run's folder.
#pragma once

#include <optional>

#include "adapt/adapt.h"
#include "cli/inputs.h"
#include "ir/safetensors.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace dsode::cli {

// Sets the number of threads.
void setup_torch(const Globals& globals);

// The two parts that training makes of a set.
adapt::Source split_source(const data::LabelledSet& set, const train::SplitKey& key);

// The source set split as `checkpoint`'s training split it; nothing where `name` is empty.
std::optional<adapt::Source> load_source(const Globals& globals, const ir::SafeTensors& checkpoint,
                                         const ir::ModelSpec& spec, const std::string& name, int limit);

// Makes the run's folder ready: config.toml written, and with --force nothing left of an earlier run.
void start_run(const train::RunFolder& folder, const Globals& globals, const std::string& config);

}  // namespace dsode::cli
