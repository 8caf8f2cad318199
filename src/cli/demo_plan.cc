#include "cli/demo_plan.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/spec.h"
#include "ir/cost.h"

namespace dsode::cli {

namespace {

using data::Range;
using data::Source;
using data::Spec;
using data::Split;

// The demo's budget on two cores, in images of a model of kReferenceMacs; costlier models see fewer.
constexpr double kTrainImages = 90'000, kAdaptImages = 30'000, kAdaptImagesPerEpoch = 10'000;
constexpr double kReferenceMacs = 7e6;
constexpr int kMostEpochs = 100;
// Part of a target without a test split that adaptation may see; the rest judges.
constexpr int kAdaptPercent = 70;

bool has_test_split(const Spec& spec) {
  if (spec.split || spec.range) return false;  // the caller asked for just these images
  std::error_code ignored;
  return spec.source == Source::kNamed || spec.source == Source::kCifar ||
         (spec.source == Source::kSvhn && std::filesystem::is_directory(spec.path, ignored));
}

// The test split of a set that has one; CIFAR and SVHN files tell it by what they are read for.
Spec test_split(Spec spec) {
  if (spec.source == Source::kNamed) spec.split = Split::kTest;
  return spec;
}

bool same_images(const Spec& a, const Spec& b) {
  return a.source == b.source && a.set == b.set && a.path == b.path && a.split == b.split && !a.range &&
         !b.range;
}

// Cuts `range` in two at `percent` of its length.
std::pair<Range, Range> cut(Range range, int percent) {
  const int64_t middle = range.from + (range.to - range.from) * percent / 100;
  return {{range.from, middle, range.percent}, {middle, range.to, range.percent}};
}

// Labels of the target serve the judging alone, so a target without any is fine.
bool target_has_labels(const DemoRequest& request, const data::LoadOptions& load) {
  const auto source = data::class_names(request.source, load),
             target = data::class_names(request.target, load);
  if (source.size() < 2)
    throw bad_input(fmt::format("--source {}: no labels, or one class only", request.source),
                    "the source needs a folder of pictures for every class");
  const bool both_folders = data::parse_spec(request.source).source == Source::kFolder &&
                            data::parse_spec(request.target).source == Source::kFolder;
  if (!target.empty() && (target.size() != source.size() || (both_folders && target != source)))
    throw bad_input(
        fmt::format("--target {}: its classes are not those of {}", request.target, request.source),
        "choose two domains of the same classes; with folders of your own, name the class folders alike or "
        "put "
        "the target's pictures into one folder without sub-folders");
  return !target.empty();
}

// Which images do what. No image, not even one shifted, serves two purposes.
DemoPlan choose_images(const DemoRequest& request, bool labelled_target) {
  Spec source = data::parse_spec(request.source), target = data::parse_spec(request.target);
  DemoPlan plan;
  if (has_test_split(source)) plan.source_test = spec_text(test_split(source));
  if (labelled_target && has_test_split(target)) plan.target_test = spec_text(test_split(target));
  if (same_images(source, target)) std::tie(source.range, target.range) = cut({0, 100, true}, 50);
  if (labelled_target && !plan.target_test) {
    const auto [adapt, judge] = cut(target.range.value_or(Range{0, 100, true}), kAdaptPercent);
    target.range = judge;
    plan.target_test = spec_text(target);
    target.range = adapt;
  }
  plan.source = spec_text(source);
  plan.target = spec_text(target);
  return plan;
}

// The set without its shifts, which keep number and size.
data::Images unshifted(const std::string& text, data::LoadOptions load, int limit) {
  Spec spec = data::parse_spec(text);
  spec.shifts.clear();
  load.default_split = Split::kTrain;
  load.limit = limit;
  return data::load_unlabelled(spec_text(spec), load).images;
}

Settings join(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A model that suits the larger of the two shapes.
Settings choose_model(Shape a, Shape b) {
  const bool colour = std::max(a.c, b.c) == 3, large = std::max({a.h, a.w, b.h, b.w}) >= 48;
  const Settings kind =
      colour ? Settings{{"model", "dsodenet-s"}, {"steps", "4"}} : Settings{{"model", "dsodenet-t"}};
  const Settings size{{"input", colour ? "64,64,3" : "64,64,1"}, {"stem", "conv7x7-pool"}};
  return large ? join(kind, size) : kind;
}

double macs(const Settings& model) {
  OptionSet options;
  ir::ModelOverrides overrides;
  std::string name;
  options.add("model", name, "", ir::model_names());
  overrides.declare(options);
  for (const auto& [key, value] : model) options.set(key, value, fmt::format("--{}", key));
  ir::ModelSpec spec = ir::make_spec(name, overrides);
  return static_cast<double>(ir::cost(spec).macs);
}

int epochs_for(double images, double images_per_epoch) {
  return std::clamp(static_cast<int>(std::lround(images / std::max(images_per_epoch, 1.0))), 1, kMostEpochs);
}

}  // namespace

DemoPlan make_demo_plan(const DemoRequest& request, const data::LoadOptions& load) {
  DemoPlan plan = choose_images(request, target_has_labels(request, load));
  const data::Images source = unshifted(plan.source, load, request.limit);
  const data::Images target = unshifted(plan.target, load, request.limit);
  plan.model = request.model ? Settings{{"model", *request.model}} : choose_model(source.shape, target.shape);
  const double share = std::min(1.0, kReferenceMacs / macs(plan.model));
  plan.epochs = request.epochs.value_or(epochs_for(kTrainImages * share, source.n));
  plan.images_per_epoch =
      static_cast<int>(std::min<double>(target.n, std::max(2'000.0, kAdaptImagesPerEpoch * share)));
  plan.adapt_epochs = request.adapt_epochs.value_or(epochs_for(kAdaptImages * share, plan.images_per_epoch));
  return plan;
}

}  // namespace dsode::cli
