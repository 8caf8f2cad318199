// For tests: a graph with random weights and random images.
#pragma once

#include "data/dataset.h"
#include "ir/fixture.h"

namespace dsode::quant {

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
