// The whole accelerator in simulation against the golden interpreter, through the driver. rtl/tb/models_tb.cc
// does so for every generated model.
#include "accel/fixture.h"

namespace dsode::accel {
namespace {

TEST(Top, RunsGeneratedModelsBitByBit) { EXPECT_GT(run_vectors("grid-4x4x1", 0, 16, 0), 100'000U); }

TEST(Top, RunsThemWithRandomStalls) { run_vectors("grid-4x4x1", 16, 32, 0.3); }

TEST(Top, RunsThemOnALargerArray) { run_vectors("grid-16x16x1", 32, 40, 0.1); }

}  // namespace
}  // namespace dsode::accel
