// The golden integer interpreter beside the scalar one of the float graph it comes from, one thread, image by
// image.
#include "quant/golden.h"

#include <fmt/format.h>

#include <chrono>

#include "base/rng.h"
#include "base/text_table.h"
#include "bench/suite.h"
#include "ir/checkpoint_graph.h"
#include "ir/interpret.h"
#include "model/checkpoint.h"
#include "quant/calibrate.h"
#include "quant/quantize.h"

namespace dsode::bench {

namespace {

constexpr int kImages = 32;

// The network as initialised: speed does not depend on what weights say.
ir::Graph random_graph(const Options& options) {
  ir::ModelSpec spec = options.spec();
  for (int k = 0; k < 10; ++k) spec.classes.push_back(std::to_string(k));
  spec.normalization.mean.assign(static_cast<size_t>(spec.input.c), 0.5F);
  spec.normalization.std.assign(static_cast<size_t>(spec.input.c), 0.25F);
  torch::manual_seed(static_cast<int64_t>(options.seed));
  model::Network network(spec);
  ir::SafeTensors file;
  file.metadata = model::metadata(network);
  model::store(network, "", file);
  return ir::graph_from_checkpoint(file);
}

data::UnlabelledSet random_images(Shape shape, uint64_t seed) {
  data::UnlabelledSet set{"random", {kImages, shape, std::vector<uint8_t>(kImages * shape.size())}};
  Rng rng(seed, Stream::kSample);
  for (uint8_t& pixel : set.images.pixels) pixel = static_cast<uint8_t>(rng.below(256));
  return set;
}

template <class Work>
double images_per_second(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kImages; ++i) work(i);
  return kImages / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<Result> run_integer(const Options& options) {
  const ir::Graph graph = random_graph(options);
  const data::UnlabelledSet set = random_images(graph.spec.input, options.seed);
  const ir::integer::Bits bits;
  quant::Golden golden(quant::quantize(graph, quant::calibrate(graph, set, bits), bits));
  std::vector<int32_t> scores(graph.spec.classes.size());
  std::vector<double> ours, floats, ratios;
  for (int round = 0; round < options.rounds; ++round) {  // in turn, the first round to warm up
    const double integer = images_per_second([&](int i) { golden.run(set.images[i], scores); });
    const double scalar =
        images_per_second([&](int i) { ir::interpret(graph, ir::normalized(graph.spec, set.images[i])); });
    if (round == 0 && options.rounds > 1) continue;
    ours.push_back(integer), floats.push_back(scalar), ratios.push_back(integer / scalar);
  }
  const Result result{.name = options.model + "/int8/b1",
                      .threads = 1,
                      .metric = "images_per_second",
                      .value = median(ours),
                      .rival = "run",
                      .ratio = median(ratios)};
  fmt::print("{}",
             text_table({{"model", "golden, images/s", "float interpreter", "times"},
                         {result.name, fmt::format("{:.0f}", result.value),
                          fmt::format("{:.0f}", median(floats)), fmt::format("{:.2f}", *result.ratio)}}));
  return {result};
}

}  // namespace

Suite integer_suite() { return {.name = "integer", .run = run_integer, .workers = {}, .work = {}}; }

}  // namespace dsode::bench
