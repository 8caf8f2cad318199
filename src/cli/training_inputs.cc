#include "cli/training_inputs.h"

#include <torch/torch.h>

#include "base/error.h"
#include "base/file.h"
#include "data/subset.h"

namespace dsode::cli {

void setup_torch(const Globals& globals) {
  // By itself libtorch leaves a core's second hardware thread idle.
  torch::set_num_threads(threads(globals));
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
