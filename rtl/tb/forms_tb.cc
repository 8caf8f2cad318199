// Generated models on the accelerator as a board gets it: with the array in instantiated slices, and after
// synthesis.
#include "accel/fixture.h"

namespace dsode::accel {
namespace {

TEST(Forms, SlicesGiveEveryBit) {
  EXPECT_GT(run_vectors("grid-8x16x2", 0, quant::kVectors, 0.1, "-slices"), 1'000'000U);
}

TEST(Forms, NetlistGivesEveryBit) { EXPECT_GT(run_vectors("grid-4x4x1", 16, 32, 0.3, "-netlist"), 50'000U); }

}  // namespace
}  // namespace dsode::accel
