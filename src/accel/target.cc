#include "accel/target.h"

#include <algorithm>
#include <bit>

#include "accel/shipped_targets.h"
#include "base/error.h"
#include "base/names.h"

namespace dsode::accel {

void Target::declare(OptionSet& options) {
  options.add("fpga", fpga, "FPGA that synth counts for");
  options.add("pc", pc, "input channels a cycle");
  options.add("pk", pk, "output channels a cycle");
  options.add("pp", pp, "pixels a cycle");
  options.add("lanes", lanes, "channels of a memory word");
  options.add("clock_mhz", clock_mhz, "clock that times are reckoned with");
  options.add("weight_depth", weight_depth, "words of pc x pk weights");
  options.add("affine_depth", affine_depth, "words of norms");
  options.add("depthwise_depth", depthwise_depth, "words of depthwise filters");
  options.add("param_depth", param_depth, "words of biases and multipliers");
  options.add("time_depth", time_depth, "words of time biases, 0: none");
  options.add("descriptor_depth", descriptor_depth, "passes of an image");
  options.add("state_words", state_words, "words of states");
  options.add("activation_words", activation_words, "words of activations");
  options.add("image_pixels", image_pixels, "pixels of an image");
  options.add("line_words", line_words, "words of a map's row");
  options.add("groups", groups, "words of a pixel");
  options.add("replay_words", replay_words, "operand words in front of the array");
  options.add("score_words", score_words, "words of scores");
}

void Budget::declare(OptionSet& options) {
  options.add("max_lut", lut, "LUTs that synth may take");
  options.add("max_ff", ff, "registers that synth may take");
  options.add("max_dsp", dsp, "multipliers that synth may take");
  options.add("max_bram36", bram36, "memories of 36 kbit that synth may take");
  options.add("max_uram", uram, "large memories that synth may take");
}

void Target::check(const std::string& origin) const {
  const auto require = [&](bool ok, const char* field, int value, const char* what) {
    if (!ok)
      throw bad_input(fmt::format("{}: {} = {}: {}", origin, field, value, what), "see docs/architecture.md");
  };
  const auto power = [](int n) { return n > 0 && std::has_single_bit(static_cast<unsigned>(n)); };
  require(power(pc) && pc <= 64, "pc", pc, "must be a power of two up to 64");
  require(power(pk) && pk >= 4 && pk <= 128, "pk", pk, "must be a power of two from 4 to 128");
  require(power(pp) && pp <= 8, "pp", pp, "must be a power of two up to 8");
  require(power(lanes) && lanes >= std::max(pc, 4) && lanes <= pk, "lanes", lanes,
          "must be a power of two, at least 4 and pc, at most pk");
  require(power(replay_words) && replay_words >= 16 && replay_words <= 1024 && replay_words >= 2 * groups,
          "replay_words", replay_words, "must be a power of two from 16 to 1024, at least twice `groups`");
  require(clock_mhz > 0, "clock_mhz", clock_mhz, "must be positive");
  for (const auto& [field, value, most] : std::initializer_list<std::tuple<const char*, int, int>>{
           {"weight_depth", weight_depth, 1 << 16},
           {"affine_depth", affine_depth, 1 << 16},
           {"depthwise_depth", depthwise_depth, 1 << 16},
           {"param_depth", param_depth, 1 << 16},
           {"descriptor_depth", descriptor_depth, 1 << 16},
           {"state_words", state_words, 1 << 20},
           {"activation_words", activation_words, 1 << 20},
           {"image_pixels", image_pixels, 1 << 19},
           {"line_words", line_words, 1 << 12},
           {"groups", groups, 128},
           {"score_words", score_words, 128}})
    require(value >= 2 && value <= most, field, value, "is out of range");
  require(time_depth == 0 || (time_depth >= 2 && time_depth <= 1 << 16), "time_depth", time_depth,
          "is out of range");
}

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const auto& [name, text] : kShippedTargets) names.emplace_back(name);
  return names;
}

Target load_target(const std::string& name_or_path) {
  namespace fs = std::filesystem;
  Target target;
  OptionSet options;
  target.declare(options);
  target.budget.declare(options);
  const auto* shipped =
      std::ranges::find(kShippedTargets, name_or_path, [](const auto& t) { return t.first; });
  if (shipped != std::end(kShippedTargets)) {
    target.name = name_or_path;
    options.parse_toml(shipped->second, name_or_path);
  } else if (fs::is_regular_file(name_or_path)) {
    target.name = fs::absolute(name_or_path).parent_path().filename();
    options.load_toml(name_or_path);
  } else {
    throw bad_input(fmt::format("--target {}: neither a target of ours nor a file", name_or_path),
                    unknown_name_hint(name_or_path, target_names()));
  }
  target.check(name_or_path);
  return target;
}

}  // namespace dsode::accel
