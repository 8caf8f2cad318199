#include "accel/config_package.h"

#include <fmt/format.h>
#include <zlib.h>

#include "accel/descriptor.h"
#include "accel/registers.h"

namespace dsode::accel {

namespace {

std::string constants(const char* prefix, std::initializer_list<const char*> names, int bits) {
  std::string text;
  int value = 0;
  for (const char* name : names)
    text += fmt::format("  localparam logic [{}:0] {}{} = {}'d{};\n", bits - 1, prefix, name, bits, value++);
  return text;
}

std::string descriptor_type() {
  std::string fields;
  int used = 0;
  const Descriptor descriptor;
  visit_fields(descriptor, [&](const char* name, int bits, uint32_t) {
    fields = fmt::format("    logic [{}:0] {};\n", bits - 1, name) + fields;
    used += bits;
  });
  const int rest = 32 * kDescriptorParts - used;
  if (rest > 0) fields = fmt::format("    logic [{}:0] reserved;\n", rest - 1) + fields;
  return "  typedef struct packed {\n" + fields + "  } desc_t;\n";
}

std::string parameters(const Target& target) {
  std::string text;
  const auto add = [&](const char* name, int value) {
    text += fmt::format("  localparam int unsigned {} = {};\n", name, value);
  };
  add("Pc", target.pc);
  add("Pk", target.pk);
  add("Pp", target.pp);
  add("Lanes", target.lanes);
  add("Chain", target.chain());
  add("WeightDepth", target.weight_depth);
  add("AffineDepth", target.affine_depth);
  add("DepthwiseDepth", target.depthwise_depth);
  add("ParamDepth", target.param_depth);
  add("TimeDepth", target.time_depth);
  add("DescriptorDepth", target.descriptor_depth);
  add("DescriptorParts", kDescriptorParts);
  add("StateWords", target.state_words);
  add("ActivationWords", target.activation_words);
  add("ImagePixels", target.image_pixels);
  add("LineWords", target.line_words);
  add("Groups", target.groups);
  add("ReplayWords", target.replay_words);
  add("ScoreWords", target.score_words);
  return text;
}

std::string registers() {
  std::string text;
  for (const auto& [name, address] : kRegisters)
    text += fmt::format("  localparam logic [7:0] Reg{} = 8'h{:02x};\n", name, address);
  return text;
}

// All but the target's name and clock.
std::string contents(const Target& target) {
  return parameters(target) + constants("Src", {"Image", "State", "Activation"}, 2) +
         constants("Window", {"Depthwise", "Stem", "Pool"}, 2) +
         constants("Dst", {"Activation", "State", "Increment", "Scores"}, 2) +
         constants("Load", {"Weight", "Affine", "Depthwise", "Param", "Descriptor", "Time"}, 3) +
         registers() + descriptor_type();
}

}  // namespace

uint32_t fingerprint(const Target& target) {
  const std::string text = contents(target);
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

std::string config_package(const Target& target) {
  return fmt::format(
      "// Target {}. Generated from src/accel; do not edit.\n"
      "/* verilator lint_off UNUSEDPARAM */\n"
      "package dsode_cfg_pkg;\n"
      "  localparam logic [31:0] Magic = 32'h{:08x};\n"
      "  localparam logic [31:0] Version = 32'd{};\n"
      "  localparam logic [31:0] Fingerprint = 32'h{:08x};\n"
      "{}endpackage\n"
      "/* verilator lint_on UNUSEDPARAM */\n",
      target.name, kMagic, kVersion, fingerprint(target), contents(target));
}

}  // namespace dsode::accel
