#include "quant/sensitivity.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/progress.h"
#include "quant/fake_quant.h"

namespace dsode::quant {

namespace {

size_t largest(const std::vector<float>& values) {
  return static_cast<size_t>(std::ranges::max_element(values) - values.begin());
}

using Logits = std::vector<std::vector<float>>;

// Over the spread of the logits of an image, since adding the same to all of them changes nothing.
LayerSensitivity compare(const std::string& name, const Logits& wanted, const Logits& given) {
  double signal = 0, noise = 0;
  int same = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto energy = [&](auto&& value) {
      double sum = 0, squares = 0;
      for (size_t k = 0; k < wanted[i].size(); ++k) sum += value(k), squares += value(k) * value(k);
      return squares - sum * sum / static_cast<double>(wanted[i].size());
    };
    signal += energy([&](size_t k) { return double{wanted[i][k]}; });
    noise += energy([&](size_t k) { return double{wanted[i][k]} - given[i][k]; });
    same += largest(wanted[i]) == largest(given[i]);
  }
  return {name, 10 * std::log10(signal / noise), 100.0 * same / static_cast<double>(wanted.size())};
}

}  // namespace

std::vector<LayerSensitivity> sensitivity(const ir::Graph& graph, const Scales& scales,
                                          const ir::integer::Bits& bits, const data::Images& images,
                                          int threads) {
  std::vector<std::string> layers;
  const std::vector<Unit> units = units_of(graph);
  for_each_unit(units, [&](const Unit& unit) { layers.push_back(unit.name); });
  layers.emplace_back("all");

  Logits wanted(static_cast<size_t>(images.n));
  parallel_for(images.n, threads, [&](int, int i) {
    wanted[static_cast<size_t>(i)] = ir::interpret(graph, ir::normalized(graph.spec, images[i])).logits;
  });
  std::vector<LayerSensitivity> rows;
  Progress progress("sensitivity", "layers", static_cast<int64_t>(layers.size()));
  for (const std::string& layer : layers) {
    const FakeQuant model(graph, scales, bits,
                          [&](const Unit& unit) { return layer == "all" || unit.name == layer; });
    Logits given(wanted.size());
    parallel_for(images.n, threads, [&](int, int i) {
      given[static_cast<size_t>(i)] = model.run(ir::normalized(graph.spec, images[i])).logits;
    });
    rows.push_back(compare(layer, wanted, given));
    progress.advance(1);
  }
  return rows;
}

}  // namespace dsode::quant
