// The accelerator's size on an FPGA, as Yosys tells it, and its clock, where nextpnr knows the FPGA: the
// sources of a target and the script of its technology go into a folder, and the tools run there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
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

// A tool's run.
struct Step {
  std::string_view program;  // what it says goes into <program>.out
  std::string_view other;    // what else it may be called
  std::string_view remedy;   // how to get it
  // Apart by spaces; {clock} is the target's in MHz, {bitstream} the file to make.
  std::string_view arguments;
};

// What an FPGA has, and how tools make something for it.
struct Fpga {
  std::string_view name;
  std::string_view script;  // of Yosys, in fpga/
  Resources has;
  std::string_view memory;           // what its memories are called
  int memories = 1;                  // of those in 36 kbit
  std::span<const Step> route = {};  // places, routes and packs a bitstream; empty: no tool here does
};
// Throws bad_input where the target is for none that we know.
const Fpga& fpga_of(const Target& target);

struct ModuleSize {
  std::string module;     // without its parameters
  int64_t instances = 0;  // of all its parameters, in the whole
  Resources sum;          // of their own cells, without those of the modules in them
};

inline constexpr const char* kBitstream = "dsode_top.bit";

// Of the placed and routed design.
struct Routing {
  double fmax_mhz = 0;
  double path_ns = 0;  // the slowest path between registers
  int path_cells = 0;  // on it, without the registers
  std::string from, to;
};

struct Synthesis {
  std::string tool;
  std::vector<ModuleSize> modules;  // the largest first
  Resources total;
  int levels = 0;  // of logic on the longest path between registers; 0: not told
  std::optional<Routing> routing;
  std::string missing;  // the tool for it that is not there, and how to get it
  double seconds = 0;   // of everything
};

// `stat` is what `stat -json` wrote, `path` what `ltp` did. Throws failed where they are not that.
Synthesis read_synthesis(const std::string& stat, const std::string& path);

// `report` is what nextpnr wrote. Throws failed where it is not that.
Routing read_routing(const std::string& report);

// What of the target's budget is not kept, "lut = 5100, at most 5000; ..."; "" where all is.
std::string beyond_budget(const Target& target, const Resources& used);

// Runs the tools in `folder`, which then holds rtl/, the scripts, logs and, where the FPGA can be routed,
// kBitstream. Throws bad_input where there is no Yosys, failed where a tool fails.
Synthesis synthesize(const Target& target, const std::filesystem::path& folder);

}  // namespace dsode::accel
