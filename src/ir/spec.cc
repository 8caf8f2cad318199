#include "ir/spec.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace dsode::ir {

namespace {

void require(bool ok, const std::string& origin, const std::string& field, const std::string& problem,
             const std::string& remedy) {
  if (!ok) throw bad_input(fmt::format("{}: {}: {}", origin, field, problem), remedy);
}

void require_choice(const std::string& value, const std::vector<std::string>& choices,
                    const std::string& origin, const std::string& field) {
  require(std::ranges::find(choices, value) != choices.end(), origin, field,
          fmt::format("unknown value '{}'", value), unknown_name_hint(value, choices));
}

// get_to would cut other numbers to size.
bool fits_int(const Json& json) { return json.is_number_integer() && json.get<int64_t>() == json.get<int>(); }

// Reads json[field] into `target`, refusing a missing key and a wrong type by name.
template <class T>
void read(const Json& json, const std::string& origin, const char* field, T& target) {
  require(json.is_object() && json.contains(field), origin, field, "missing",
          "the file is not a dsodenet artifact");
  const Json& value = json.at(field);
  bool fits = true;
  if constexpr (std::is_same_v<T, int>) fits = fits_int(value);
  if constexpr (std::is_same_v<T, std::vector<int>>) fits = std::ranges::all_of(value, fits_int);
  try {
    if (fits) value.get_to(target);
  } catch (const Json::exception&) {
    fits = false;
  }
  require(fits, origin, field, fmt::format("wrong type ({})", value.type_name()), "the file is damaged");
}

// The fields that decide the network's tensors and arithmetic.
Json architecture(const ModelSpec& spec) {
  Json json = to_json(spec);
  for (const char* key : {"normalization", "classes", "resize", "rtol", "atol"}) json.erase(key);
  json["classes"] = spec.classes.size();
  return json;
}

}  // namespace

int ModelSpec::stage_steps(int stage) const {
  return family == "rodenet" && stage + 1 < stages() ? 1 : steps;
}

int norm_groups(int channels) {
  int groups = std::min(8, channels);
  while (channels % groups != 0) --groups;
  return groups;
}

Shape ModelSpec::stage_shape(int stage) const {
  const auto half = [](int side) { return (side + 1) / 2; };
  Shape shape{input.h, input.w, widths[stage]};
  const int halvings = stage + (stem == "conv7x7-pool" ? 2 : 0);
  for (int i = 0; i < halvings; ++i) shape.h = half(shape.h), shape.w = half(shape.w);
  return shape;
}

void ModelOverrides::declare(OptionSet& options) {
  options.add("widths", widths, "channels of each stage, e.g. 16,32,64");
  options.add("steps", steps, "solver steps a stage (blocks a stage for resnet)");
  options.add("solver", solver, "ODE solver", ode::solver_names());
  options.add("step_control", step_control, "fixed steps, or adaptive ones (dopri5)", kStepControls);
  options.add("rtol", rtol, "relative tolerance of adaptive steps");
  options.add("atol", atol, "absolute tolerance of adaptive steps");
  options.add("norm", norm, "normalisation", kNorms);
  options.add("time", time, "how t enters the block", kTimes);
  options.add("stem", stem, "first layers", kStems);
  options.add("input", input, "input height,width,channels");
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& family : kFamilies)
    for (const auto& size : kSizes) names.push_back(family + "-" + size);
  return names;
}

ModelSpec make_spec(const std::string& model, const ModelOverrides& overrides) {
  const auto names = model_names();
  if (std::ranges::find(names, model) == names.end())
    throw bad_input(fmt::format("--model: unknown model '{}'", model), unknown_name_hint(model, names));
  ModelSpec spec;
  spec.family = model.substr(0, model.rfind('-'));
  spec.size = model.substr(model.rfind('-') + 1);
  if (spec.size != "t") {
    spec.input = {32, 32, 3};
    spec.widths = spec.size == "s" ? std::vector{32, 64, 128} : std::vector{64, 128, 256};
    spec.steps = 10;
  }
  if (overrides.widths) spec.widths = *overrides.widths;
  if (overrides.steps) spec.steps = *overrides.steps;
  if (overrides.solver) spec.solver = *overrides.solver;
  if (overrides.norm) spec.norm = *overrides.norm;
  if (overrides.time) spec.time = *overrides.time;
  if (overrides.stem) spec.stem = *overrides.stem;
  if (overrides.rtol) spec.rtol = *overrides.rtol;
  if (overrides.atol) spec.atol = *overrides.atol;
  // dopri5 is chosen for its error control; it runs fixed steps on request, or where the norm needs numbered
  // evaluations.
  if (overrides.step_control)
    spec.step_control = *overrides.step_control;
  else if (spec.solver == "dopri5" && spec.norm != "bn-per-step")
    spec.step_control = "adaptive";
  if (overrides.input) {
    require(overrides.input->size() == 3, "--input", "value", "needs three numbers",
            "give height,width,channels");
    spec.input = {(*overrides.input)[0], (*overrides.input)[1], (*overrides.input)[2]};
  }
  spec.classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  spec.normalization = {std::vector<float>(spec.input.c, 0.5f), std::vector<float>(spec.input.c, 0.5f)};
  validate(spec, "--model " + model);
  return spec;
}

void validate(const ModelSpec& spec, const std::string& origin) {
  require_choice(spec.family, kFamilies, origin, "family");
  require_choice(spec.solver, ode::solver_names(), origin, "solver");
  require_choice(spec.step_control, kStepControls, origin, "step_control");
  require_choice(spec.norm, kNorms, origin, "norm");
  require_choice(spec.time, kTimes, origin, "time");
  require_choice(spec.stem, kStems, origin, "stem");
  require(!spec.widths.empty() && spec.widths.size() <= kMaxStages, origin, "widths",
          fmt::format("{} stages", spec.widths.size()), fmt::format("give 1 to {}", kMaxStages));
  for (int width : spec.widths)
    require(width >= 1 && width <= kMaxWidth, origin, "widths", fmt::format("{} channels", width),
            fmt::format("give 1 to {}", kMaxWidth));
  require(spec.steps >= 1 && spec.steps <= kMaxSteps, origin, "steps", fmt::format("{}", spec.steps),
          fmt::format("give 1 to {}", kMaxSteps));
  const Shape in = spec.input;
  require(in.c == 1 || in.c == 3, origin, "input", fmt::format("{} channels", in.c), "give 1 or 3");
  require(in.h >= 2 && in.w >= 2 && in.h <= kMaxSide && in.w <= kMaxSide, origin, "input", in.text(),
          fmt::format("give sides of 2 to {}", kMaxSide));
  const Shape last = spec.stage_shape(spec.stages() - 1);
  require(last.h >= 2 && last.w >= 2, origin, "input",
          fmt::format("{} leaves a map of {}x{} in the last stage", in.text(), last.h, last.w),
          "use larger images, fewer widths, or stem conv3x3");
  require(spec.classes.size() >= 2 && spec.classes.size() <= kMaxClasses, origin, "classes",
          fmt::format("{}", spec.classes.size()), "a classifier needs at least two classes");
  require(spec.rtol > 0 && spec.atol > 0 && std::isfinite(spec.rtol) && std::isfinite(spec.atol), origin,
          "rtol/atol", fmt::format("{}/{}", spec.rtol, spec.atol), "give positive numbers");
  const Normalization& norm = spec.normalization;
  require(norm.mean.size() == static_cast<size_t>(in.c) && norm.std.size() == norm.mean.size(), origin,
          "normalization", "not one mean and std a channel", "the file is damaged");
  for (size_t i = 0; i < norm.mean.size(); ++i)
    require(std::isfinite(norm.mean[i]) && std::isfinite(norm.std[i]) && norm.std[i] > 0, origin,
            "normalization", "mean and std must be finite, std positive", "the file is damaged");
  if (spec.step_control == "adaptive") {
    require(spec.tableau().has_error_estimate(), origin, "step_control",
            fmt::format("solver {} has no error estimate to adapt to", spec.solver),
            "use dopri5, or fixed steps");
    require(spec.norm != "bn-per-step", origin, "norm", "bn-per-step needs a fixed number of evaluations",
            "with adaptive steps use --norm gn, bn or none");
  }
}

Json to_json(const ModelSpec& spec) {
  return {{"family", spec.family},
          {"size", spec.size},
          {"input", {spec.input.h, spec.input.w, spec.input.c}},
          {"layout", "nhwc"},
          {"normalization", {{"mean", spec.normalization.mean}, {"std", spec.normalization.std}}},
          {"resize", spec.resize},
          {"classes", spec.classes},
          {"widths", spec.widths},
          {"steps", spec.steps},
          {"solver", spec.solver},
          {"step_control", spec.step_control},
          {"rtol", spec.rtol},
          {"atol", spec.atol},
          {"norm", spec.norm},
          {"time", spec.time},
          {"stem", spec.stem}};
}

ModelSpec spec_from_json(const Json& json, const std::string& origin) {
  ModelSpec spec;
  read(json, origin, "family", spec.family);
  read(json, origin, "size", spec.size);
  std::vector<int> input;
  read(json, origin, "input", input);
  require(input.size() == 3, origin, "input", "needs three numbers", "the file is damaged");
  spec.input = {input[0], input[1], input[2]};
  Json normalization;
  read(json, origin, "normalization", normalization);
  read(normalization, origin, "mean", spec.normalization.mean);
  read(normalization, origin, "std", spec.normalization.std);
  read(json, origin, "resize", spec.resize);
  read(json, origin, "classes", spec.classes);
  read(json, origin, "widths", spec.widths);
  read(json, origin, "steps", spec.steps);
  read(json, origin, "solver", spec.solver);
  read(json, origin, "step_control", spec.step_control);
  read(json, origin, "rtol", spec.rtol);
  read(json, origin, "atol", spec.atol);
  read(json, origin, "norm", spec.norm);
  read(json, origin, "time", spec.time);
  read(json, origin, "stem", spec.stem);
  validate(spec, origin);
  return spec;
}

void check_same_architecture(const ModelSpec& a, const ModelSpec& b, const std::string& origin) {
  const Json left = architecture(a), right = architecture(b);
  for (const auto& [key, value] : left.items())
    if (right.at(key) != value)
      throw bad_input(
          fmt::format("{}: {} is {}, expected {}", origin, key, value.dump(), right.at(key).dump()),
          "the checkpoint is of another architecture");
}

}  // namespace dsode::ir
