// For tests: a dsodenet's graph with random weights, made without libtorch, and random images.
#pragma once

#include <cmath>

#include "base/rng.h"
#include "data/dataset.h"
#include "ir/graph.h"

namespace dsode::quant {

class RandomGraph {
 public:
  explicit RandomGraph(ir::ModelSpec spec, uint64_t seed = 1)
      : rng_(seed, Stream::kInit), spec_(std::move(spec)) {}

  ir::Graph make() {
    const int first = spec_.widths.front(), last = spec_.widths.back(), classes = spec_.classes_count();
    std::vector<ir::Op> ops{
        {"stem.conv", ir::Conv{3, 1, first, false, normal(9 * spec_.input.c * first, 0.3), zero(first), {}}}};
    norm_relu(ops, "stem.norm", first, 1);
    for (int i = 0; i < spec_.stages(); ++i) {
      const int width = spec_.widths[static_cast<size_t>(i)];
      ir::OdeLoop loop{spec_.solver, spec_.steps, {}};
      const std::string name = fmt::format("stage{}", i + 1);
      for (const char* half : {"1", "2"}) {
        norm_relu(loop.body, name + ".norm" + half, width, spec_.norm == "bn" ? 1 : loop.evaluations());
        separable(loop.body, name + ".conv" + half, width, width, 1, spec_.time == "concat");
      }
      ops.push_back({name, std::move(loop)});
      if (i + 1 == spec_.stages()) break;
      const int next = spec_.widths[static_cast<size_t>(i) + 1];
      separable(ops, fmt::format("transition{}.conv", i + 1), width, next, 2, false);
      norm_relu(ops, fmt::format("transition{}.norm", i + 1), next, 1);
    }
    norm_relu(ops, "head.norm", last, 1);
    ops.push_back({"head.pool", ir::MeanPool{}});
    ops.push_back({"head.linear", ir::Linear{classes, normal(last * classes, 0.5), normal(classes, 0.5)}});
    return {spec_, std::move(ops)};
  }

 private:
  ir::Floats normal(int count, double deviation) {
    ir::Floats values(static_cast<size_t>(count));
    for (float& v : values) v = static_cast<float>(deviation * rng_.normal());
    return values;
  }
  static ir::Floats zero(int count) { return ir::Floats(static_cast<size_t>(count)); }

  void norm_relu(std::vector<ir::Op>& ops, const std::string& name, int width, int rows) {
    if (spec_.norm != "none") {
      ir::Affine affine{rows, normal(rows * width, 0.2), normal(rows * width, 0.5)};
      const ir::Floats sign = normal(width, 1);
      for (size_t i = 0; i < affine.scale.size(); ++i)
        affine.scale[i] = std::copysign(0.8F + 0.5F * std::abs(affine.scale[i]), sign[i % sign.size()]);
      ops.push_back({name, std::move(affine)});
    }
    ops.push_back({name + ".relu", ir::Relu{}});
  }

  void separable(std::vector<ir::Op>& ops, const std::string& name, int in, int out, int stride, bool timed) {
    ops.push_back({name + ".dw", ir::DwConv{stride, normal(9 * in, 0.4)}});
    ops.push_back({name + ".pw", ir::PwConv{out, timed, normal(in * out, 1 / std::sqrt(in)),
                                            spec_.norm == "none" ? normal(out, 0.1) : zero(out),
                                            timed ? normal(9 * out, 0.3) : ir::Floats{}}});
  }

  Rng rng_;
  ir::ModelSpec spec_;
};

inline data::Images random_images(Shape shape, int n, uint64_t seed = 1) {
  data::Images images{n, shape, std::vector<uint8_t>(static_cast<size_t>(n) * shape.size())};
  Rng rng(seed, Stream::kSample);
  for (uint8_t& pixel : images.pixels) pixel = static_cast<uint8_t>(rng.below(256));
  return images;
}

}  // namespace dsode::quant
