// For tests and benchmarks: a checkpoint of random numbers, made without libtorch.
#pragma once

#include <cmath>

#include "base/rng.h"
#include "ir/checkpoint_graph.h"

namespace dsode::ir {

// Fills the tensors that a checkpoint of `spec` has.
class RandomCheckpoint {
 public:
  explicit RandomCheckpoint(const ModelSpec& spec, uint64_t seed = 1)
      : spec_(spec), rng_(seed, Stream::kInit) {}

  SafeTensors make() {
    file_.origin = "random checkpoint";
    file_.metadata = {{"format", kCheckpointFormat}, {"spec", to_json(spec_).dump()}};
    const int side = spec_.stem == "conv3x3" ? 3 : 7, first = spec_.widths.front(),
              last = spec_.widths.back();
    weight("stem.0.weight", {first, spec_.input.c, side, side});
    bias("stem.0.bias", first);
    norm("stem.1", first, 1);
    for (int i = 0; i < spec_.stages(); ++i) {
      stage(i);
      if (i + 1 == spec_.stages()) break;
      const std::string name = fmt::format("transition{}.", i + 1);
      const int next = spec_.widths[static_cast<size_t>(i) + 1];
      conv3x3(name + "0", spec_.widths[static_cast<size_t>(i)], next);
      norm(name + "1", next, 1);
    }
    norm("head_norm", last, 1);
    weight("classifier.weight", {spec_.classes_count(), last});
    fill("classifier.bias", {spec_.classes_count()}, 0, 0.3);
    return std::move(file_);
  }

 private:
  void stage(int i) {
    const int blocks = spec_.shares_weights() ? 1 : spec_.stage_steps(i),
              width = spec_.widths[static_cast<size_t>(i)];
    const int rows = spec_.norm == "bn" || !spec_.shares_weights() ? 1 : spec_.stage_evaluations(i);
    for (int block = 1; block <= blocks; ++block) {
      const std::string name =
          blocks == 1 ? fmt::format("stage{}.f.", i + 1) : fmt::format("stage{}_{}.f.", i + 1, block);
      for (const char* half : {"1", "2"}) {
        norm(name + "norm" + half, width, rows);
        conv3x3(name + "conv" + half, width + (spec_.time == "concat" ? 1 : 0), width);
      }
    }
  }

  void conv3x3(const std::string& name, int in, int out) {
    if (spec_.separable()) {
      weight(name + ".depthwise", {in, 1, 3, 3});
      weight(name + ".pointwise", {out, in, 1, 1});
    } else {
      weight(name + ".weight", {out, in, 3, 3});
    }
    bias(name + ".bias", out);
  }

  void norm(const std::string& name, int width, int rows) {
    if (spec_.norm == "none") return;
    fill(name + ".weight", {width}, 1, 0.3);
    fill(name + ".bias", {width}, 0, 0.3);
    if (spec_.norm == "gn") return;
    fill(name + ".running_mean", {rows, width}, 0, 0.3);
    fill(name + ".running_var", {rows, width}, 1, 0.1);
  }

  void bias(const std::string& name, int width) {
    if (spec_.norm == "none") fill(name, {width}, 0, 0.3);
  }

  void weight(const std::string& name, const std::vector<int64_t>& shape) {
    int64_t inputs = 1;
    for (size_t i = 1; i < shape.size(); ++i) inputs *= shape[i];
    fill(name, shape, 0, 1 / std::sqrt(static_cast<double>(inputs)));
  }

  void fill(const std::string& name, const std::vector<int64_t>& shape, double mean, double deviation) {
    int64_t count = 1;
    for (const int64_t dim : shape) count *= dim;
    Floats values(static_cast<size_t>(count));
    for (float& v : values) v = static_cast<float>(mean + deviation * rng_.normal());
    file_.tensors[name] = Tensor::of<float>(values, shape);
  }

  const ModelSpec& spec_;
  Rng rng_;
  SafeTensors file_;
};

}  // namespace dsode::ir
