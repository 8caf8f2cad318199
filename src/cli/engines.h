// From a model's path to the engine that runs it, behind one interface.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/verb.h"
#include "eval/engine.h"
#include "ir/spec.h"

namespace dsode::cli {

// What --engine takes: "auto" is sim for an accelerator image, int8 for an integer model, else torch where
// the build has it, else run.
//   torch   the checkpoint in libtorch
//   run     the float graph on the kernels, or where they do not cover it in the scalar interpreter
//   bf16    as run, the operands of its pointwise products rounded to bfloat16
//   int8    the integer model on the kernels, or where they do not cover it in the golden interpreter
//   golden  the integer model in the golden interpreter
//   sim     the accelerator image in its RTL, simulated
std::vector<std::string> engine_names();

struct Model {
  ir::ModelSpec spec;
  std::string engine_name;
  std::unique_ptr<eval::Engine> engine;
};

// The help of the option that becomes `path` below.
inline constexpr const char* kModelHelp = "run folder, folder of quantize or compile, or .safetensors file";

// `path`: run folder, folder of `quantize` or `compile`, or a model file. Throws bad_input where the engine
// cannot run what lies there. `batch_statistics`: norms use each batch's own statistics, torch alone can.
Model open_model(const Globals& globals, const std::string& path, const std::string& engine,
                 bool batch_statistics = false);

}  // namespace dsode::cli
