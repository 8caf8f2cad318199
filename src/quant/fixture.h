// For tests and benchmarks: a graph with random weights and random images.
#pragma once

#include "data/dataset.h"
#include "ir/fixture.h"

namespace dsode::quant {

// A dsodenet of two stages for images of odd sides.
inline ir::ModelSpec small_spec() {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{6, 10};
  overrides.input = std::vector{9, 7, 3};
  overrides.steps = 3;
  ir::ModelSpec spec = ir::make_spec("dsodenet-t", overrides);
  spec.normalization = {{0.4F, 0.5F, 0.3F}, {0.25F, 0.3F, 0.2F}};
  spec.classes = {"a", "b", "c", "d"};
  return spec;
}

// Every second channel of a norm scales by a negative number.
inline ir::Graph random_graph(const ir::ModelSpec& spec) {
  ir::Graph graph = ir::graph_from_checkpoint(ir::RandomCheckpoint(spec).make());
  ir::for_each_op(graph.ops, spec.input, [](ir::Op& op, Shape in) {
    if (auto* norm = std::get_if<ir::Affine>(&op.what))
      for (size_t i = 0; i < norm->scale.size(); ++i)
        if (i % static_cast<size_t>(in.c) % 2 == 1) norm->scale[i] *= -1;
  });
  return graph;
}

inline data::Images random_images(Shape shape, int n) {
  data::Images images{n, shape, std::vector<uint8_t>(static_cast<size_t>(n) * shape.size())};
  Rng rng(1, Stream::kSample);
  for (uint8_t& pixel : images.pixels) pixel = static_cast<uint8_t>(rng.below(256));
  return images;
}

}  // namespace dsode::quant
