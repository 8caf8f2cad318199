#include "ir/cost.h"

#include <gtest/gtest.h>

namespace dsode::ir {
namespace {

// Small enough to count by hand: 4x4 grey input, widths 2 and 3, two Euler steps.
ModelSpec small(const std::string& family) {
  ModelOverrides overrides;
  overrides.widths = {{2, 3}};
  overrides.steps = 2;
  overrides.input = {{4, 4, 1}};
  return make_spec(family + "-t", overrides);
}

TEST(Cost, CountsASmallSeparableModelByHand) {
  const ModelCost c = cost(small("dsodenet"));
  ASSERT_EQ(c.layers.size(), 5u);
  EXPECT_EQ(c.layers[0].params, 9 * 2 + 4);                // stem: conv, norm
  EXPECT_EQ(c.layers[1].params, 2 * (4 + 9 * 2 + 2 * 2));  // block: twice norm, dw, pw
  EXPECT_EQ(c.layers[2].params, 9 * 2 + 2 * 3 + 6);        // transition: dw, pw, norm
  EXPECT_EQ(c.layers[3].params, 2 * (6 + 9 * 3 + 3 * 3));
  EXPECT_EQ(c.layers[4].params, 6 + (3 + 1) * 10);  // head: norm, linear
  EXPECT_EQ(c.params, 234);
  EXPECT_EQ(c.params_core, 166);
  EXPECT_EQ(c.macs, 18 * 16 + 2 * 2 * 22 * 16 + 24 * 4 + 2 * 2 * 36 * 4 + 30);
}

TEST(Cost, DenseConvolutionsHaveAWeightForEveryPair) {
  EXPECT_EQ(cost(small("odenet")).params_core, 2 * (4 + 36) + (54 + 6) + 2 * (6 + 81));
}

TEST(Cost, ResnetSharesNothingBetweenItsBlocks) {
  EXPECT_EQ(cost(small("resnet")).params_core, 2 * 80 + 60 + 2 * 174);
  EXPECT_EQ(cost(small("resnet")).macs, cost(small("odenet")).macs);
}

TEST(Cost, RodenetHasOdenetsParametersAndFewerMacs) {
  EXPECT_EQ(cost(small("rodenet")).params, cost(small("odenet")).params);
  EXPECT_LT(cost(small("rodenet")).macs, cost(small("odenet")).macs);
}

TEST(Cost, StepsCostTimeAndNoParameters) {
  ModelSpec spec = small("dsodenet");
  const ModelCost two = cost(spec);
  spec.solver = "rk4";
  const ModelCost eight = cost(spec);
  EXPECT_EQ(eight.params, two.params);
  EXPECT_EQ(eight.layers[1].macs, 4 * two.layers[1].macs);
}

TEST(Cost, TimeAddsAChannelToEachConvolutionAndFoldsIntoItsBias) {
  ModelSpec spec = small("dsodenet");
  const ModelCost without = cost(spec);
  spec.time = "concat";
  const ModelCost with = cost(spec);
  EXPECT_EQ(with.layers[1].params - without.layers[1].params, 2 * (9 + 2));
  EXPECT_EQ(with.macs, without.macs);
}

TEST(Cost, WithoutNormsConvolutionsHaveBiases) {
  ModelSpec spec = small("dsodenet");
  spec.norm = "none";
  EXPECT_EQ(cost(spec).layers[1].params, 2 * (9 * 2 + 2 * 2 + 2));
}

TEST(Cost, TheLargeModelHasTheMacsOfTheDesign) {
  EXPECT_NEAR(static_cast<double>(cost(make_spec("dsodenet-b", {})).macs) / 1e6, 278.5, 0.05);
}

TEST(Cost, TheCoreIsAtLeast85PercentSmallerThanOdenets) {
  for (const char* model : {"dsodenet-t", "dsodenet-s", "dsodenet-b"}) {
    const ModelSpec spec = make_spec(model, {});
    EXPECT_GE(core_reduction(spec, "odenet"), 85) << model;
    EXPECT_GE(core_reduction(spec, "resnet"), core_reduction_vs_resnet(spec, 2)) << model;
    EXPECT_GE(core_reduction_vs_resnet(spec, 2), core_reduction(spec, "odenet")) << model;
  }
  EXPECT_LE(cost(make_spec("dsodenet-t", {})).params, 60'000);
}

TEST(Memory, CheckpointsGrowWithOneMapAStepAndFullWithAllInside) {
  ModelSpec spec = make_spec("dsodenet-b", {});
  const auto growth = [&](const std::string& gradient) {
    spec.steps = 2;
    const auto few = training_bytes(spec, 64, gradient);
    spec.steps = 32;
    return static_cast<double>(training_bytes(spec, 64, gradient)) / static_cast<double>(few);
  };
  EXPECT_DOUBLE_EQ(growth("full"), 16);
  EXPECT_LT(growth("checkpoint"), 12);
  EXPECT_EQ(training_bytes(spec, 64, "full"), 64 * training_bytes(spec, 1, "full"));
}

}  // namespace
}  // namespace dsode::ir
