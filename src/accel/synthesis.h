// The accelerator's size on an FPGA, as Yosys tells it: the sources of a target and the script of its
// technology go into a folder, and Yosys runs there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "accel/target.h"

namespace dsode::accel {

struct Resources {
  int64_t lut = 0;  // those that are memories or shift registers too
  int64_t ff = 0;
  int64_t dsp = 0;
  double bram36 = 0;  // a memory of 18 kbit is half of one
  int64_t uram = 0;

  Resources& operator+=(const Resources& other);
};
Resources operator*(int64_t n, Resources resources);

// What an FPGA has, and how Yosys makes something for it.
struct Fpga {
  std::string_view name;
  std::string_view script;  // of fpga/
  Resources has;
};
// Throws bad_input where the target is for none that we know.
const Fpga& fpga_of(const Target& target);

struct ModuleSize {
  std::string module;     // without its parameters
  int64_t instances = 0;  // of all its parameters, in the whole
  Resources sum;          // of their own cells, without those of the modules in them
};

struct Synthesis {
  std::string tool;
  std::vector<ModuleSize> modules;  // the largest first
  Resources total;
  int levels = 0;  // of logic on the longest path between registers; 0: not told
  double seconds = 0;
};

// `stat` is what `stat -json` wrote, `path` what `ltp` did. Throws failed where they are not that.
Synthesis read_synthesis(const std::string& stat, const std::string& path);

// Runs Yosys in `folder`, which then holds rtl/, the script and yosys.log. Throws bad_input where there is no
// Yosys, failed where it fails.
Synthesis synthesize(const Target& target, const std::filesystem::path& folder);

}  // namespace dsode::accel
