// What a model is: family, sizes, solver, norm and input, and the JSON that every artifact carries.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/pixels.h"
#include "ode/tableau.h"

namespace dsode::ir {

// What we build and read at most.
inline constexpr int kMaxWidth = 4096, kMaxSteps = 1000, kMaxSide = 4096, kMaxStages = 8,
                     kMaxClasses = 100'000;

inline constexpr double kNormEpsilon = 1e-5;  // of every norm
// Groups of a group norm over `channels`: at most 8, dividing them.
int norm_groups(int channels);

inline const std::vector<std::string> kFamilies{"resnet", "odenet", "rodenet", "dsodenet"};
inline const std::vector<std::string> kSizes{"t", "s", "b"};
inline const std::vector<std::string> kNorms{"bn-per-step", "bn", "gn", "none"};
inline const std::vector<std::string> kTimes{"none", "concat"};
inline const std::vector<std::string> kStems{"conv3x3", "conv7x7-pool"};
inline const std::vector<std::string> kStepControls{"fixed", "adaptive"};

// A network: stem, one ODE block a width with a transition between two, head.
struct ModelSpec {
  std::string family = "dsodenet";
  std::string size = "t";
  Shape input{28, 28, 1};
  Normalization normalization;         // set by training
  std::string resize = "square-area";  // the rule of data::convert
  std::vector<std::string> classes;    // names, in label order
  std::vector<int> widths{16, 32, 64};
  int steps = 4;  // solver steps a stage; unshared blocks a stage for resnet
  std::string solver = "euler";
  std::string step_control = "fixed";  // adaptive: dopri5 only
  double rtol = 1e-2, atol = 1e-3;     // of adaptive steps
  std::string norm = "bn-per-step";
  std::string time = "none";
  std::string stem = "conv3x3";

  std::string name() const { return family + "-" + size; }
  bool separable() const { return family == "dsodenet"; }
  bool shares_weights() const { return family != "resnet"; }
  const ode::Tableau& tableau() const { return ode::tableau(solver); }
  // Steps of stage `stage`: rodenet iterates in its last one only.
  int stage_steps(int stage) const;
  // Evaluations of f in a stage that have norm statistics of their own.
  int stage_evaluations(int stage) const { return stage_steps(stage) * tableau().stages; }
  int stages() const { return static_cast<int>(widths.size()); }
  int classes_count() const { return static_cast<int>(classes.size()); }
  // Height and width of the maps in `stage`.
  Shape stage_shape(int stage) const;
};

// Command-line overrides of a named model; unset ones keep the model's own value.
struct ModelOverrides {
  std::optional<std::vector<int>> widths;
  std::optional<int> steps;
  std::optional<std::string> solver, step_control, norm, time, stem;
  std::optional<double> rtol, atol;
  std::optional<std::vector<int>> input;  // h,w,c
  void declare(OptionSet& options);
};

// The names that --model takes: "dsodenet-t", ...
std::vector<std::string> model_names();

// The spec of a named model with overrides, validated. Throws bad_input naming the option.
ModelSpec make_spec(const std::string& model, const ModelOverrides& overrides);

// Throws bad_input naming `origin` and the field when the spec is not one we can build.
void validate(const ModelSpec& spec, const std::string& origin);

Json to_json(const ModelSpec& spec);
// Reads and validates untrusted JSON.
ModelSpec spec_from_json(const Json& json, const std::string& origin);

// Throws bad_input naming the first field in which two specs describe different networks.
void check_same_architecture(const ModelSpec& a, const ModelSpec& b, const std::string& origin);

}  // namespace dsode::ir
