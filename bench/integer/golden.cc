// The golden integer interpreter beside the scalar one of the float graph it comes from, one thread, image by
// image.
#include "quant/golden.h"

#include <fmt/format.h>

#include <chrono>

#include "base/text_table.h"
#include "bench/suite.h"
#include "ir/interpret.h"
#include "quant/calibrate.h"
#include "quant/fixture.h"
#include "quant/quantize.h"

namespace dsode::bench {

namespace {

constexpr int kImages = 32;

template <class Work>
double images_per_second(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kImages; ++i) work(i);
  return kImages / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<Result> run_integer(const Options& options) {
  // Speed does not depend on what weights say.
  const ir::Graph graph = quant::random_graph(options.spec());
  const data::UnlabelledSet set{"random", quant::random_images(graph.spec.input, kImages)};
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
                      .rival = "interpreter",
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
