// An accelerator's configuration: the sizes of its array and memories, read from a target file such as
// fpga/zcu104/target.toml.
#pragma once

#include <filesystem>
#include <optional>

#include "base/options.h"

namespace dsode::accel {

// The most that synthesis may take; nothing is said of what is not set.
struct Budget {
  std::optional<int> lut, ff, dsp, bram36, uram;
  void declare(OptionSet& options);
};

struct Target {
  std::string name;
  std::string fpga = "xczu7ev";  // that dsodenet synth counts for
  int pc = 16;                   // input channels a cycle
  int pk = 16;                   // output channels a cycle
  int pp = 1;                    // pixels a cycle
  int lanes = 16;             // channels a cycle of everything else: depthwise, norms, results; a memory word
  int clock_mhz = 300;        // assumed
  int weight_depth = 1024;    // words of pc x pk weights
  int affine_depth = 512;     // words of `lanes` norms
  int depthwise_depth = 512;  // words of `lanes` depthwise filters
  int param_depth = 512;      // words of `lanes` biases and multipliers
  int time_depth = 0;         // words of `lanes` time biases; 0: there are none
  int descriptor_depth = 256;
  int state_words = 8192;       // words of `lanes` states
  int activation_words = 4096;  // words of `lanes` activations
  int image_pixels = 1024;      // of each of the two input buffers
  int line_words = 256;         // a row of a map: width times channel groups
  int groups = 32;              // of `lanes` channels in a map
  int replay_words = 64;        // operand words between the window unit and the array
  int score_words = 4;          // words of `lanes` scores
  Budget budget;

  int macs_per_cycle() const { return pc * pk * pp; }
  int chain() const { return std::min(pc, 8); }  // products that are added in one chain: 8 at most are exact
  void declare(OptionSet& options);              // all but the budget, which is nothing to what is compiled
  // Throws bad_input naming `origin` and the field that the hardware cannot be built with.
  void check(const std::string& origin) const;
};

// `name_or_path` is a folder of fpga/ (a target that is built in) or a file. Throws bad_input naming it.
Target load_target(const std::string& name_or_path);
// Names of the targets that are built in.
std::vector<std::string> target_names();

}  // namespace dsode::accel
