// The trained form of the integer model is its fake quantisation, and learns.
#include "adapt/quantized_network.h"

#include <gtest/gtest.h>

#include "adapt/fine_tune.h"
#include "quant/calibrate.h"
#include "quant/fake_quant.h"
#include "quant/fixture.h"

namespace dsode::adapt {
namespace {

using quant::small_spec;

torch::Tensor forward(const QuantizedNetwork& network, const ir::Floats& image, Shape shape) {
  const torch::NoGradGuard no_grad;
  return network.forward(torch::tensor(image).view({1, shape.h, shape.w, shape.c}).permute({0, 3, 1, 2}))[0];
}

double distance(const torch::Tensor& ours, const std::vector<float>& theirs) {
  return (ours - torch::tensor(theirs)).abs().max().item<double>();
}

TEST(QuantizedNetwork, IsTheFakeQuantisedGraphAndWithoutRoundingTheFloatOne) {
  for (const char* solver : {"euler", "midpoint"})
    for (const char* time : {"none", "concat"})
      for (const char* norm : {"bn-per-step", "bn", "none"}) {
        ir::ModelSpec spec = small_spec();
        spec.solver = solver, spec.time = time, spec.norm = norm;
        const ir::Graph graph = quant::random_graph(spec);
        const data::UnlabelledSet set{"random", quant::random_images(spec.input, 8)};
        const quant::Scales scales = quant::calibrate(graph, set, {});
        const quant::FakeQuant fake(graph, scales, {});
        QuantizedNetwork network(graph, scales, {});
        const ir::Floats image = ir::normalized(spec, set.images[0]);
        // Sums in another order round a value here and there to the next step.
        EXPECT_LT(distance(forward(network, image, spec.input), fake.run(image).logits), 0.05)
            << solver << " " << time << " " << norm;
        network.set_rounding(false);
        EXPECT_LT(distance(forward(network, image, spec.input), ir::interpret(graph, image).logits), 1e-4);
      }
}

TEST(QuantizedNetwork, GivesBackWhatItWasMadeOf) {
  const ir::Graph graph = quant::random_graph(small_spec());
  const data::UnlabelledSet set{"random", quant::random_images(graph.spec.input, 4)};
  const quant::Scales scales = quant::calibrate(graph, set, {});
  const QuantizedNetwork network(graph, scales, {});
  const ir::Floats image = ir::normalized(graph.spec, set.images[0]);
  EXPECT_EQ(ir::interpret(network.graph(), image).logits, ir::interpret(graph, image).logits);
  for (const auto& [name, steps] : network.scales())
    for (size_t c = 0; c < steps.size(); ++c)
      EXPECT_NEAR(steps[c], scales.at(name)[c], 1e-5 * steps[c]) << name;
}

TEST(QuantizedNetwork, EveryParameterGetsAGradient) {
  const ir::Graph graph = quant::random_graph(small_spec());
  const data::UnlabelledSet set{"random", quant::random_images(graph.spec.input, 4)};
  const QuantizedNetwork network(graph, quant::calibrate(graph, set, {}), {});
  network.forward(torch::randn({2, 3, 9, 7})).square().sum().backward();
  for (const auto& parameter : network.parameters()) {
    ASSERT_TRUE(parameter.grad().defined());
    EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << parameter.sizes();
  }
}

TEST(FineTune, BringsFewBitsNearerToTheFloatGraph) {
  const ir::Graph graph = quant::random_graph(small_spec());
  const ir::integer::Bits bits{.weight = 3};
  const data::UnlabelledSet set{"random", quant::random_images(graph.spec.input, 256)};
  const quant::Scales scales = quant::calibrate(graph, set, bits);
  const auto error = [&](const ir::Graph& tuned, const quant::Scales& steps) {
    const quant::FakeQuant fake(tuned, steps, bits);
    double sum = 0;
    for (int i = 0; i < 64; ++i) {
      const ir::Floats image = ir::normalized(graph.spec, set.images[i]);
      const auto centred = [](const std::vector<float>& logits) {  // which is what softmax sees
        const torch::Tensor t = torch::tensor(logits);
        return t - t.mean();
      };
      const torch::Tensor given = centred(fake.run(image).logits),
                          wanted = centred(ir::interpret(graph, image).logits);
      sum += (given - wanted).square().sum().item<double>();
    }
    return sum;
  };
  const auto [tuned, steps] =
      fine_tune(graph, scales, bits, set, std::nullopt, {.epochs = 12, .augment = "none", .seed = 1});
  EXPECT_LT(error(tuned, steps), 0.5 * error(graph, scales));
}

}  // namespace
}  // namespace dsode::adapt
