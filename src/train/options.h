// What `dsodenet train` can be told, with the published recipe as defaults.
#pragma once

#include <string>
#include <vector>

#include "base/options.h"
#include "ir/spec.h"
#include "model/ode_block.h"

namespace dsode::train {

inline const std::vector<std::string> kOptimizers{"adamw", "sgd"};
inline const std::vector<std::string> kSchedules{"cosine", "step", "constant"};

// How weights are stepped; shared by training and adaptation.
struct OptimizerOptions {
  std::string optimizer = "adamw";
  double lr = 0.01;            // peak
  double beta2 = 0.99;         // adamw
  double momentum = 0.9;       // sgd, nesterov
  double weight_decay = 0.02;  // of convolution and classifier weights; norms and biases have none
  std::string schedule = "cosine";
  double warmup = 0.15;  // part of all steps with a rising rate
  double clip = 1.0;     // largest gradient norm; 0: no clipping
  void declare(OptionSet& options);
};

struct TrainOptions {
  std::string model = "dsodenet-t";
  ir::ModelOverrides overrides;
  std::string data = "mnist";
  double validation = 0.1;  // part of the source set held out
  int epochs = 4;
  int batch_size = 64;
  std::string augment = "auto";
  double label_smoothing = 0.1;
  double ema = 0;    // decay a step of the averaged weights; 0: none
  int patience = 0;  // epochs without a better validation accuracy before stopping; 0: never stop early
  int limit = 0;     // first images of the set only; 0: all
  std::string gradient = "checkpoint";
  std::string kernels = "on";
  OptimizerOptions optimizer;
  void declare(OptionSet& options);
};

// Throws bad_input naming the option whose value makes no sense.
void validate(const OptimizerOptions& options);
void validate(const TrainOptions& options);

// What `auto` stands for: `digits` where the classes are named by numbers, else `affine` for grey images and
// `crop-flip` for colour ones. Any other name is itself.
std::string resolve_augment(const std::string& augment, const ir::ModelSpec& spec);

}  // namespace dsode::train
