#include "accel/synthesis.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dsode::accel {
namespace {

// Two of a lane in the top module, each with a delay of other parameters than the top's own.
// As Yosys 0.23 writes it, which is no JSON behind the modules.
constexpr const char* kStat = R"({
   "creator": "Yosys 0.23",
   "modules": {
      "$paramod$11\\dsode_delay": {"num_cells_by_type": {"FDRE": 8}},
      "$paramod\\dsode_delay\\Cycles=32'0100": {"num_cells_by_type": {"SRL16E": 4, "RAMB18E2": 1}},
      "\\dsode_lane": {"num_cells_by_type": {"DSP48E2": 9, "LUT6": 3, "CARRY4": 2, "$paramod$11\\dsode_delay": 2}},
      "\\dsode_top": {"num_cells_by_type": {
        "dsode_lane": 2, "$paramod\\dsode_delay\\Cycles=32'0100": 1, "URAM288": 3, "RAM64M8": 1}}
   },
     dsode_lane      2
       $paramod$11\dsode_delay      2
      "design": {
         "num_wires": 3
      }
}
)";

TEST(Synthesis, CountsEveryInstanceAndAddsUpAModulesParameters) {
  const Synthesis synthesis = read_synthesis(kStat, "Longest topological path in dsode_top (length=17):");
  EXPECT_EQ(synthesis.tool, "Yosys 0.23");
  EXPECT_EQ(synthesis.levels, 17);
  EXPECT_EQ(synthesis.total.lut, 2 * 3 + 4 + 8);
  EXPECT_EQ(synthesis.total.ff, 2 * 2 * 8);
  EXPECT_EQ(synthesis.total.dsp, 2 * 9);
  EXPECT_EQ(synthesis.total.bram36, 0.5);
  EXPECT_EQ(synthesis.total.uram, 3);
  ASSERT_EQ(synthesis.modules.size(), 3U);
  EXPECT_EQ(synthesis.modules[0].module, "dsode_delay");
  EXPECT_EQ(synthesis.modules[0].instances, 5);
  EXPECT_EQ(synthesis.modules[0].sum.ff, 32);
}

TEST(Synthesis, WhatIsNoStatisticIsRefused) {
  EXPECT_THROW(read_synthesis("{}", ""), Error);
  EXPECT_THROW(read_synthesis("no JSON", ""), Error);
  EXPECT_THROW(read_synthesis(R"({"creator": "x", "modules": {}})", ""), Error);
}

TEST(Synthesis, AnUnknownFpgaIsRefused) {
  Target target;
  EXPECT_EQ(fpga_of(target).has.dsp, 1728);
  target.fpga = "xc7z020";
  EXPECT_THROW(fpga_of(target), Error);
}

}  // namespace
}  // namespace dsode::accel
