// The accelerator image: the folder that `dsodenet compile` writes for one model and one target.
//   config.json          target, memory use, the passes
//   model.bin            the packet that loads the model, 32-bit words, little-endian
//   model.safetensors    the integer model that it was compiled from
//   dsode_cfg_pkg.sv     the target's constants for the RTL
#pragma once

#include <filesystem>

#include "accel/program.h"

namespace dsode::accel {

inline constexpr const char* kImageFormat = "dsodenet-accel/1";

struct Image {
  ir::integer::Graph graph;
  Program program;
  std::vector<uint32_t> packet;
};

// Whether `dir` is a folder with a config.json, as an image is, even a damaged one.
bool is_image(const std::filesystem::path& dir);
void save_image(const std::filesystem::path& dir, const Image& image);
// Compiles what lies there again and compares. Throws bad_input naming the file that is damaged.
Image load_image(const std::filesystem::path& dir);

}  // namespace dsode::accel
