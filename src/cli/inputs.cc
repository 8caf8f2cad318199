#include "cli/inputs.h"

#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include "base/error.h"
#include "base/file.h"
#include "data/subset.h"

namespace dsode::cli {

void require_option(const std::string& value, const char* flag, const std::string& remedy) {
  if (value.empty()) throw bad_input(fmt::format("{}: missing", flag), remedy);
}

void setup_torch(const Globals& globals) {
  if (globals.threads < 0)
    throw bad_input(fmt::format("--threads: {}", globals.threads), "give 0 for all cores, or a number");
  if (globals.threads > 0) torch::set_num_threads(globals.threads);
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
  data::LoadOptions load = globals.load(split);
  load.shape = spec.input;
  load.limit = limit;
  data::LabelledSet set = data::load_labelled(name, load);
  check_classes(set, spec);
  return set;
}

adapt::Source split_source(const data::LabelledSet& set, const train::SplitKey& key) {
  const auto split =
      data::stratified_split(set.labels, static_cast<int>(set.classes.size()), key.validation, key.seed);
  return {data::subset(set, split.train), data::subset(set, split.validation)};
}

std::optional<adapt::Source> load_source(const Globals& globals, const ir::SafeTensors& checkpoint,
                                         const ir::ModelSpec& spec, const std::string& name, int limit) {
  if (name.empty()) return std::nullopt;
  const data::LabelledSet all = load_for(globals, spec, name, data::Split::kTrain, limit);
  return split_source(all, train::read_split(checkpoint));
}

void start_run(const train::RunFolder& folder, const Globals& globals, const std::string& config) {
  make_output_dir(folder.dir(), globals.resume || globals.force);
  if (!globals.resume) folder.clear();
  write_file(folder.config(), config);
}

}  // namespace dsode::cli
