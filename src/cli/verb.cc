#include "cli/verb.h"

namespace dsode::cli {

void Globals::declare(OptionSet& options) {
  options.add("data_dir", data_dir, "folder of data sets (else $DSODENET_DATA, ./data, /usr/share/datasets)");
  options.add("out", out, "folder or file to write");
  options.add("seed", seed, "seed of all random numbers");
  options.add("threads", threads, "CPU threads, 0 for all cores");
  options.add("device", device, "where training runs", {"cpu", "cuda"});
  options.add("json", json, "print the result as one JSON object on the last line");
  options.add("quiet", quiet, "warnings and errors only");
  options.add("force", force, "write into a folder that is not empty");
  options.add("resume", resume, "go on with the run in --out");
}

data::LoadOptions Globals::load(data::Split default_split) const {
  return {.data_dirs = data::default_data_dirs(data_dir), .default_split = default_split, .shape = {}, .seed = seed};
}

std::string Verb::config(const Globals& globals) {
  OptionSet options;
  declare(options);
  std::string text = options.to_toml();
  return text + fmt::format("seed = {}\nthreads = {}\ndevice = \"{}\"\n", globals.seed, globals.threads, globals.device);
}

}  // namespace dsode::cli
