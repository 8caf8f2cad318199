#include "ir/cost.h"

#include <algorithm>

#include "base/error.h"

namespace dsode::ir {

namespace {

int64_t norm_params(const ModelSpec& spec, int64_t channels) {
  return spec.norm == "none" ? 0 : 2 * channels;
}

// A bias in front of a norm would be subtracted again: convolutions have one only where there is no norm.
int64_t bias_params(const ModelSpec& spec, int64_t channels) { return spec.norm == "none" ? channels : 0; }

// A 3x3 convolution, dense or separable.
int64_t conv_weights(const ModelSpec& spec, int64_t in, int64_t out) {
  return spec.separable() ? 9 * in + in * out : 9 * in * out;
}

int64_t pixels(Shape shape) { return int64_t{shape.h} * shape.w; }

std::string conv_text(const ModelSpec& spec, int in, int out) {
  return spec.separable() ? fmt::format("dw3x3, pw1x1 {}->{}", in, out)
                          : fmt::format("conv3x3 {}->{}", in, out);
}

LayerCost stem(const ModelSpec& spec) {
  const bool large = spec.stem == "conv7x7-pool";
  const int64_t width = spec.widths[0], weights = int64_t{spec.input.c} * (large ? 49 : 9) * width;
  const int64_t positions =
      large ? int64_t{(spec.input.h + 1) / 2} * ((spec.input.w + 1) / 2) : pixels(spec.input);
  return {.name = "stem",
          .detail = fmt::format("{} {}->{}, norm, ReLU", spec.stem, spec.input.c, width),
          .part = Part::kStem,
          .output = spec.stage_shape(0),
          .params = weights + bias_params(spec, width) + norm_params(spec, width),
          .macs = weights * positions};
}

LayerCost stage(const ModelSpec& spec, int i) {
  const int width = spec.widths[i];
  const int64_t inputs = width + (spec.time == "concat" ? 1 : 0);
  const int64_t block =
      2 * (norm_params(spec, width) + conv_weights(spec, inputs, width) + bias_params(spec, width));
  const int64_t macs = 2 * conv_weights(spec, width, width) * pixels(spec.stage_shape(i));
  const int evaluations = spec.stage_steps(i) * (spec.shares_weights() ? spec.tableau().stages : 1);
  const std::string how = spec.shares_weights() ? fmt::format("{} {} steps", spec.stage_steps(i), spec.solver)
                                                : fmt::format("{} blocks", spec.steps);
  return {.name = fmt::format("stage{}", i + 1),
          .detail = fmt::format("{} of 2 x (norm, ReLU, {})", how, conv_text(spec, width, width)),
          .part = Part::kCore,
          .output = spec.stage_shape(i),
          .params = block * (spec.shares_weights() ? 1 : spec.steps),
          .macs = macs * evaluations};
}

LayerCost transition(const ModelSpec& spec, int i) {
  const int in = spec.widths[i], out = spec.widths[i + 1];
  const int64_t weights = conv_weights(spec, in, out);
  return {.name = fmt::format("transition{}", i + 1),
          .detail = fmt::format("{} stride 2, norm, ReLU", conv_text(spec, in, out)),
          .part = Part::kCore,
          .output = spec.stage_shape(i + 1),
          .params = weights + bias_params(spec, out) + norm_params(spec, out),
          .macs = weights * pixels(spec.stage_shape(i + 1))};
}

LayerCost head(const ModelSpec& spec) {
  const int64_t width = spec.widths.back(), classes = spec.classes_count();
  return {.name = "head",
          .detail = fmt::format("norm, ReLU, mean, linear {}->{}", width, classes),
          .part = Part::kHead,
          .output = {1, 1, static_cast<int>(classes)},
          .params = norm_params(spec, width) + (width + 1) * classes,
          .macs = width * classes};
}

double reduction(int64_t ours, int64_t theirs) {
  return 100.0 * (1.0 - static_cast<double>(ours) / static_cast<double>(theirs));
}

}  // namespace

ModelCost cost(const ModelSpec& spec) {
  ModelCost total;
  total.layers.push_back(stem(spec));
  for (int i = 0; i < spec.stages(); ++i) {
    total.layers.push_back(stage(spec, i));
    if (i + 1 < spec.stages()) total.layers.push_back(transition(spec, i));
  }
  total.layers.push_back(head(spec));
  for (const auto& layer : total.layers) {
    total.params += layer.params;
    total.macs += layer.macs;
    if (layer.part == Part::kCore) total.params_core += layer.params;
  }
  return total;
}

double core_reduction(const ModelSpec& spec, const std::string& family) {
  ModelSpec other = spec;
  other.family = family;
  return reduction(cost(spec).params_core, cost(other).params_core);
}

double core_reduction_vs_resnet(const ModelSpec& spec, int blocks) {
  ModelSpec other = spec;
  other.family = "resnet";
  other.steps = blocks;
  return reduction(cost(spec).params_core, cost(other).params_core);
}

int64_t training_bytes(const ModelSpec& spec, int batch, const std::string& gradient) {
  // Maps of one f that are kept for its gradient: on the kernels z and the map between the convolutions, in
  // autograd norm and ReLU outputs and each convolution's input and output.
  const bool kernels = spec.separable() && spec.tableau().stages == 1 && spec.norm != "gn";
  const int64_t inside = kernels ? 2 : spec.separable() ? 8 : 6;
  int64_t kept = 0, largest_inside = 0;
  for (int i = 0; i < spec.stages(); ++i) {
    const int64_t map = static_cast<int64_t>(spec.stage_shape(i).size());
    const int64_t evaluations = spec.stage_evaluations(i);
    largest_inside = std::max(largest_inside, inside * spec.tableau().stages * map);
    if (gradient == "full")
      kept += inside * evaluations * map;
    else
      kept += spec.stage_steps(i) * map;
  }
  if (gradient != "full") kept += largest_inside;
  return 4 * batch * kept;
}

}  // namespace dsode::ir
