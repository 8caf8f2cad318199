// A verb of the command line: its options and what it does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/options.h"
#include "data/dataset.h"

namespace dsode::cli {

// Options that every verb takes (contract).
struct Globals {
  std::string data_dir, out, device = "cpu";
  uint64_t seed = 1;
  int threads = 0;  // 0: all cores
  bool json = false, quiet = false, force = false, resume = false;
  void declare(OptionSet& options);

  data::LoadOptions load(data::Split default_split) const;
  // The value of --out, or `fallback`.
  std::string out_or(const std::string& fallback) const { return out.empty() ? fallback : out; }
};

class Verb {
 public:
  virtual ~Verb() = default;
  virtual std::string name() const = 0;
  virtual std::string help() const = 0;
  virtual void declare(OptionSet& options) = 0;
  // Prints for people on stdout and returns the result object of --json.
  virtual Json run(const Globals& globals) = 0;

  // What config.toml records: the verb's options and the global ones that influence results.
  std::string config(const Globals& globals);
};

// Every verb of this build, in the order of the pipeline.
std::vector<std::unique_ptr<Verb>> verbs();

}  // namespace dsode::cli
