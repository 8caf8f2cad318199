#include "ir/checkpoint_graph.h"

#include <cmath>

#include "base/error.h"
#include "base/inform.h"
#include "ir/op_list.h"

namespace dsode::ir {

namespace fs = std::filesystem;

namespace {

// Moves axes: [out,in,h,w] -> [h,w,in,out].
Floats channels_innermost(std::span<const float> weight, int64_t out, int64_t in, int64_t taps) {
  Floats result(weight.size());
  for (int64_t o = 0; o < out; ++o)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t tap = 0; tap < taps; ++tap)
        result[static_cast<size_t>((tap * in + i) * out + o)] =
            weight[static_cast<size_t>((o * in + i) * taps + tap)];
  return result;
}

// The first `rows` rows of [all,columns].
Floats head_rows(const Floats& values, int64_t rows, int64_t columns) {
  return {values.begin(), values.begin() + rows * columns};
}

class Importer {
 public:
  explicit Importer(const SafeTensors& file) : file_(file), spec_(checkpoint_spec(file)) {}

  Graph graph() {
    if (spec_.step_control == "adaptive")
      inform(fmt::format("{}: adaptive steps become {} equal ones a stage: accuracy can differ", file_.origin,
                         spec_.steps));
    stem();
    for (int i = 0; i < spec_.stages(); ++i) {
      stage(i);
      if (i + 1 < spec_.stages()) transition(i);
    }
    head();
    check_map_sizes(ops_, spec_.input, file_.origin);
    return {spec_, std::move(ops_)};
  }

 private:
  Floats floats(const std::string& name, const std::vector<int64_t>& shape) const {
    const auto values = file_.finite(name, shape);
    return {values.begin(), values.end()};
  }

  // A convolution has a bias only where no norm follows it.
  Floats bias(const std::string& name, int64_t out) const {
    return spec_.norm == "none" ? floats(name, {out}) : Floats(static_cast<size_t>(out));
  }

  // Norm and ReLU, `evaluations` of them with statistics of their own.
  void norm_relu(std::vector<Op>& ops, const std::string& from, const std::string& to, int64_t width,
                 int evaluations) const {
    if (spec_.norm == "gn") {
      ops.push_back({to, GroupNorm{norm_groups(static_cast<int>(width)), floats(from + ".weight", {width}),
                                   floats(from + ".bias", {width})}});
    } else if (spec_.norm != "none") {
      ops.push_back({to, batch_norm(from, width, spec_.norm == "bn" ? 1 : evaluations)});
    }
    ops.push_back({to + ".relu", Relu{}});
  }

  Affine batch_norm(const std::string& name, int64_t width, int rows) const {
    const auto weight = file_.finite(name + ".weight", {width}), bias = file_.finite(name + ".bias", {width});
    const auto mean = file_.finite(name + ".running_mean", {rows, width}),
               variance = file_.finite(name + ".running_var", {rows, width});
    Affine affine{rows, Floats(mean.size()), Floats(mean.size())};
    for (size_t i = 0; i < mean.size(); ++i) {
      const size_t c = i % static_cast<size_t>(width);
      if (variance[i] < 0)
        throw bad_input(fmt::format("{}: tensor '{}.running_var' holds {} at element {}", file_.origin, name,
                                    variance[i], i),
                        "the checkpoint is damaged");
      const double scale = weight[c] / std::sqrt(static_cast<double>(variance[i]) + kNormEpsilon);
      affine.scale[i] = static_cast<float>(scale);
      affine.bias[i] = static_cast<float>(bias[c] - scale * mean[i]);
    }
    return affine;
  }

  void conv3x3(std::vector<Op>& ops, const std::string& from, const std::string& to, int64_t in, int out,
               int stride, bool timed) const {
    const int64_t inputs = in + (timed ? 1 : 0);
    if (!spec_.separable()) {
      Floats all = channels_innermost(file_.finite(from + ".weight", {out, inputs, 3, 3}), out, inputs, 9);
      Conv conv{3, stride, out, timed, {}, bias(from + ".bias", out), {}};
      Floats taps;  // of the time channel, [9,out]
      for (int64_t tap = 0; tap < 9; ++tap) {
        const auto begin = all.begin() + tap * inputs * out;
        conv.weight.insert(conv.weight.end(), begin, begin + in * out);
        taps.insert(taps.end(), begin + in * out, begin + inputs * out);
      }
      if (timed) conv.time = border_sums(taps, out);
      ops.push_back({to, std::move(conv)});
      return;
    }
    const Floats depthwise =
        channels_innermost(file_.finite(from + ".depthwise", {inputs, 1, 3, 3}), inputs, 1, 9);
    const Floats pointwise =
        channels_innermost(file_.finite(from + ".pointwise", {out, inputs, 1, 1}), out, inputs, 1);
    DwConv dw{stride, {}};
    Floats taps;
    for (int64_t tap = 0; tap < 9; ++tap) {
      const auto begin = depthwise.begin() + tap * inputs;
      dw.weight.insert(dw.weight.end(), begin, begin + in);
      if (timed) taps.push_back(begin[in]);
    }
    PwConv pw{out, timed, head_rows(pointwise, in, out), bias(from + ".bias", out), {}};
    if (timed)
      for (const float sum : border_sums(taps, 1))
        for (int64_t k = 0; k < out; ++k)
          pw.time.push_back(sum * pointwise[static_cast<size_t>(in * out + k)]);
    ops.push_back({to + ".dw", std::move(dw)});
    ops.push_back({to + ".pw", std::move(pw)});
  }

  // [9 taps,out] -> [9 border classes,out]: the sum of the taps that fall inside the map.
  static Floats border_sums(const Floats& taps, int64_t out) {
    Floats sums(static_cast<size_t>(kBorderClasses * out));
    const auto inside = [](int third, int k) { return !(third == 0 && k == 0) && !(third == 2 && k == 2); };
    for (int position = 0; position < kBorderClasses; ++position)
      for (int tap = 0; tap < 9; ++tap)
        if (inside(position / 3, tap / 3) && inside(position % 3, tap % 3))
          for (int64_t k = 0; k < out; ++k)
            sums[static_cast<size_t>(position * out + k)] += taps[static_cast<size_t>(tap * out + k)];
    return sums;
  }

  void stem() {
    const bool large = spec_.stem == "conv7x7-pool";
    const int size = large ? 7 : 3, width = spec_.widths[0];
    const int64_t in = spec_.input.c;
    ops_.push_back(
        {"stem.conv", Conv{size,
                           large ? 2 : 1,
                           width,
                           false,
                           channels_innermost(file_.finite("stem.0.weight", {width, in, size, size}), width,
                                              in, size * size),
                           bias("stem.0.bias", width),
                           {}}});
    norm_relu(ops_, "stem.1", "stem.norm", width, 1);
    if (large) ops_.push_back({"stem.pool", MaxPool{}});
  }

  void stage(int i) {
    const std::string name = fmt::format("stage{}", i + 1);
    const int steps = spec_.stage_steps(i);
    if (spec_.shares_weights()) {
      ops_.push_back({name, loop(name, i, spec_.solver, steps)});
      return;
    }
    for (int block = 1; block <= steps; ++block) {
      const std::string own = steps == 1 ? name : fmt::format("{}_{}", name, block);
      ops_.push_back({own, loop(own, i, "euler", 1)});
    }
  }

  OdeLoop loop(const std::string& name, int stage, const std::string& solver, int steps) const {
    OdeLoop loop{solver, steps, {}};
    const int width = spec_.widths[static_cast<size_t>(stage)];
    for (const char* half : {"1", "2"}) {
      const std::string from = name + ".f.", to = name + ".";
      norm_relu(loop.body, from + "norm" + half, to + "norm" + half, width, loop.evaluations());
      conv3x3(loop.body, from + "conv" + half, to + "conv" + half, width, width, 1, spec_.time == "concat");
    }
    return loop;
  }

  void transition(int i) {
    const std::string name = fmt::format("transition{}", i + 1);
    const int in = spec_.widths[static_cast<size_t>(i)], out = spec_.widths[static_cast<size_t>(i) + 1];
    conv3x3(ops_, name + ".0", name + ".conv", in, out, 2, false);
    norm_relu(ops_, name + ".1", name + ".norm", out, 1);
  }

  void head() {
    const int width = spec_.widths.back(), classes = spec_.classes_count();
    norm_relu(ops_, "head_norm", "head.norm", width, 1);
    ops_.push_back({"head.pool", MeanPool{}});
    ops_.push_back(
        {"head.linear",
         Linear{classes,
                channels_innermost(file_.finite("classifier.weight", {classes, width}), classes, width, 1),
                floats("classifier.bias", {classes})}});
  }

  const SafeTensors& file_;
  ModelSpec spec_;
  std::vector<Op> ops_;
};

}  // namespace

ModelSpec checkpoint_spec(const SafeTensors& file) {
  return read_artifact_spec(file, kCheckpointFormat,
                            "name a checkpoint that `dsodenet train` or `adapt` wrote");
}

Graph graph_from_checkpoint(const SafeTensors& file) { return Importer(file).graph(); }

fs::path artifact_file(const fs::path& path, const std::string& file, const std::string& remedy) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  if (!fs::exists(path / file, ignored))
    throw bad_input(fmt::format("{}: the folder has no {}", path.string(), file), remedy);
  return path / file;
}

Graph any_graph_from(const SafeTensors& file) {
  return artifact_format(file) == kGraphFormat ? graph_from(file) : graph_from_checkpoint(file);
}

Graph load_any_graph(const fs::path& path) {
  return any_graph_from(load_safetensors(artifact_file(path, "best.safetensors", kCheckpointRemedy)));
}

}  // namespace dsode::ir
