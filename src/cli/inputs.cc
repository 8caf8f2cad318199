#include "cli/inputs.h"

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/parallel.h"

namespace dsode::cli {

namespace {

data::LoadOptions options_for(const Globals& globals, const ir::ModelSpec& spec, data::Split split,
                              int limit) {
  data::LoadOptions load = globals.load(split);
  load.shape = spec.input;
  load.limit = limit;
  return load;
}

}  // namespace

void require_option(const std::string& value, const char* flag, const std::string& remedy) {
  if (value.empty()) throw bad_input(fmt::format("{}: missing", flag), remedy);
}

int threads(const Globals& globals) {
  if (globals.threads < 0)
    throw bad_input(fmt::format("--threads: {}", globals.threads), "give 0 for all cores, or a number");
  return thread_count(globals.threads);
}

void check_classes(const data::LabelledSet& set, const ir::ModelSpec& spec) {
  if (set.classes.size() != spec.classes.size())
    throw bad_input(
        fmt::format("{}: {} classes, the model has {}", set.name, set.classes.size(), spec.classes.size()),
        "use a set with the classes the model was trained on");
  if (set.classes != spec.classes)
    spdlog::warn("{}: class names differ from the model's; labels are matched by number", set.name);
}

data::LabelledSet load_for(const Globals& globals, const ir::ModelSpec& spec, const std::string& name,
                           data::Split split, int limit) {
  data::LabelledSet set = data::load_labelled(name, options_for(globals, spec, split, limit));
  check_classes(set, spec);
  return set;
}

data::UnlabelledSet load_unlabelled_for(const Globals& globals, const ir::ModelSpec& spec,
                                        const std::string& name, data::Split split, int limit) {
  return data::load_unlabelled(name, options_for(globals, spec, split, limit));
}

}  // namespace dsode::cli
