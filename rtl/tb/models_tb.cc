// Every generated model on arrays of all shapes, with random stalls of the streams: one channel, several
// pixels a cycle, several array words in a memory word, several result words in a tile.
#include "accel/fixture.h"

namespace dsode::accel {
namespace {

class Models : public testing::TestWithParam<const char*> {};

TEST_P(Models, GiveEveryBit) { EXPECT_GT(run_vectors(GetParam(), 0, quant::kVectors, 0.1), 1'000'000U); }

INSTANTIATE_TEST_SUITE_P(Grids, Models,
                         testing::Values("grid-1x4x1", "grid-2x8x4", "grid-4x4x1", "grid-4x8x2",
                                         "grid-8x16x2", "grid-16x16x1"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace dsode::accel
