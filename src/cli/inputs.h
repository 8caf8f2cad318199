// What most verbs do first: set up libtorch, load sets at a model's input shape.
#pragma once

#include <optional>

#include "adapt/adapt.h"
#include "cli/verb.h"
#include "ir/safetensors.h"
#include "ir/spec.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace dsode::cli {

// What --engine takes.
inline const std::vector<std::string> kEngines{"torch"};

// Throws bad_input with the remedy where an option that has no default was not given.
void require_option(const std::string& value, const char* flag, const std::string& remedy);

// Sets the number of threads.
void setup_torch(const Globals& globals);

// Throws bad_input unless the labels of `set` mean the model's classes; other names alone are a warning.
void check_classes(const data::LabelledSet& set, const ir::ModelSpec& spec);

// A labelled set at the model's input shape.
data::LabelledSet load_for(const Globals& globals, const ir::ModelSpec& spec, const std::string& name,
                           data::Split split, int limit = 0);

// The two parts that training makes of a set.
adapt::Source split_source(const data::LabelledSet& set, const train::SplitKey& key);

// The source set split as `checkpoint`'s training split it; nothing where `name` is empty.
std::optional<adapt::Source> load_source(const Globals& globals, const ir::SafeTensors& checkpoint,
                                         const ir::ModelSpec& spec, const std::string& name, int limit);

// Makes the run's folder ready: config.toml written, and with --force nothing left of an earlier run.
void start_run(const train::RunFolder& folder, const Globals& globals, const std::string& config);

}  // namespace dsode::cli
