// What most verbs do first: set up libtorch, load sets at a model's input shape.
#pragma once

#include <optional>

#include "adapt/adapt.h"
#include "cli/verb.h"
#include "ir/safetensors.h"
#include "ir/spec.h"

namespace dsode::cli {

// Sets the number of threads.
void setup_torch(const Globals& globals);

// Throws bad_input unless the labels of `set` mean the model's classes; other names alone are a warning.
void check_classes(const data::LabelledSet& set, const ir::ModelSpec& spec);

// A labelled set at the model's input shape.
data::LabelledSet load_for(const Globals& globals, const ir::ModelSpec& spec, const std::string& name, data::Split split,
                           int limit = 0);

// The source set split as `checkpoint`'s training split it; nothing where `name` is empty.
std::optional<adapt::Source> load_source(const Globals& globals, const ir::SafeTensors& checkpoint, const ir::ModelSpec& spec,
                                         const std::string& name);

}  // namespace dsode::cli
