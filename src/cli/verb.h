// A verb of the command line: its options and what it does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
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
  // The run folder that is written without --out; "" for verbs that write none.
  virtual std::string default_out() const { return ""; }

  // What config.toml records, loadable with --config: the verb's options and the global ones that influence
  // results.
  std::string config(const Globals& globals);
  // The shell line that does the same again: the options that differ from their defaults.
  std::string command(const Globals& globals);
};

// Every verb of this build, in the order of the pipeline.
std::vector<std::unique_ptr<Verb>> verbs();

// Throws bad_input where --out is a file or folder that exists, unless --force is given; for verbs that write
// one file.
void refuse_existing(const Globals& globals);
// The same of a file that another option names.
void refuse_existing(const Globals& globals, const char* flag, const std::string& path);

// Runs `verb` as the command line would with these options, for verbs made of others.
using Settings = std::vector<std::pair<std::string, std::string>>;
Json run_verb(Verb& verb, const Globals& globals, const Settings& settings);

}  // namespace dsode::cli
