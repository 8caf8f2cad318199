// For tests: a small integer model that has every operation, and what its reader says of it after a change.
#pragma once

#include "base/fixture.h"
#include "ir/int_graph.h"

namespace dsode::ir::integer {

// [4,4,1], two stages of 2 channels, the first an ODE block of 2 timed Euler steps.
inline Graph small_model() {
  const auto weights = [](int n) {
    std::vector<int8_t> values;
    for (int i = 0; i < n; ++i) values.push_back(static_cast<int8_t>(i * 33 % 19 - 9));
    return values;
  };
  const auto multipliers = [](size_t n) { return std::vector<uint16_t>(n, 40'000); };
  const auto biases = [](size_t n) { return std::vector<int32_t>(n, 50); };
  const std::vector<int32_t> time(kBorderClasses * 2, 7);

  ModelOverrides sizes;
  sizes.widths = std::vector{2, 2};
  sizes.input = std::vector{4, 4, 1};
  sizes.steps = 2;
  Graph graph{make_spec("dsodenet-t", sizes), {}, 0.25, {}};
  graph.spec.classes = {"cat", "dog"};
  OdeLoop loop{"euler", 2, {}};
  loop.body.push_back({"norm1", Affine{2, true, {300, -300, 200, 100}, {4, 5, 6, 7}, 8}});
  loop.body.push_back({"dw1", DwConv{1, weights(18), multipliers(2), 18}});
  loop.body.push_back(
      {"pw1", PwConv{2, "activation", 2, true, weights(4), biases(4), time, multipliers(4), 18}});
  loop.body.push_back({"dw2", DwConv{1, weights(18), multipliers(2), 18}});
  loop.body.push_back(
      {"pw2", PwConv{2, "increment", 1, true, weights(4), biases(2), time, multipliers(2), 16}});
  graph.ops.push_back({"stem", Conv{2, {128}, weights(18), biases(2), multipliers(2), 16}});
  graph.ops.push_back({"stage1", std::move(loop)});
  graph.ops.push_back({"cast", Affine{1, false, {100, 100}, {0, 0}, 8}});
  graph.ops.push_back({"dw", DwConv{2, weights(18), multipliers(2), 18}});
  graph.ops.push_back({"pw", PwConv{2, "state", 1, false, weights(4), biases(2), {}, multipliers(2), 15}});
  graph.ops.push_back({"norm", Affine{1, true, {100, -100}, {0, 9}, 7}});
  graph.ops.push_back({"pool", Pool{multipliers(2), 17}});
  graph.ops.push_back({"linear", Linear{2, weights(4), biases(2), multipliers(2), 10}});
  return graph;
}

// The operation `name` of `graph`, in its loops too.
template <class What>
What& part(Graph& graph, const std::string& name) {
  What* found = nullptr;
  for_each_op(graph.ops, graph.spec.input, [&](Op& op, Shape) {
    if (op.name == name) found = &std::get<What>(op.what);
  });
  return *found;
}

// The error of the small model's file after `change`.
template <class Change>
std::string refusal(Change&& change) {
  SafeTensors file = to_file(small_model());
  file.origin = "m.safetensors";
  change(file);
  std::string error = error_of([&] { from_file(file); });
  EXPECT_TRUE(error.starts_with("m.safetensors: ")) << error;
  EXPECT_LT(error.size(), 300u);
  return error;
}

// The error of the file of the small model after `change`.
template <class Change>
std::string refusal_of_model(Change&& change) {
  return refusal([&](SafeTensors& file) {
    Graph model = small_model();
    change(model);
    file = to_file(model);
    file.origin = "m.safetensors";
  });
}

}  // namespace dsode::ir::integer
