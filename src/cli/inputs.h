// What most verbs do first: check that options are there, load sets at a model's input shape.
#pragma once

#include "cli/verb.h"
#include "ir/spec.h"

namespace dsode::cli {

// Throws bad_input with the remedy where an option that has no default was not given.
void require_option(const std::string& value, const char* flag, const std::string& remedy);

// The number of threads to use. Throws bad_input where --threads is negative.
int threads(const Globals& globals);

// Throws bad_input unless the labels of `set` mean the model's classes; other names alone are a warning.
void check_classes(const data::LabelledSet& set, const ir::ModelSpec& spec);

// A labelled set at the model's input shape.
data::LabelledSet load_for(const Globals& globals, const ir::ModelSpec& spec, const std::string& name,
                           data::Split split, int limit = 0);
// The same without reading labels.
data::UnlabelledSet load_unlabelled_for(const Globals& globals, const ir::ModelSpec& spec,
                                        const std::string& name, data::Split split, int limit = 0);

}  // namespace dsode::cli
