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

// Pads make paths too; of those between registers the slowest counts.
constexpr const char* kReport = R"({
  "fmax": {"$glbnet$clk": {"achieved": 61.5, "constraint": 50}, "slow": {"achieved": 50.5, "constraint": 50}},
  "critical_paths": [
    {"from": "posedge slow", "to": "posedge slow", "path": [
      {"delay": 0.5, "type": "clk-to-q", "from": {"cell": "a_q"}, "to": {"cell": "a_q"}},
      {"delay": 2.0, "type": "routing", "from": {"cell": "a_q"}, "to": {"cell": "sum"}},
      {"delay": 0.25, "type": "logic", "from": {"cell": "sum"}, "to": {"cell": "sum"}},
      {"delay": 0.0, "type": "setup", "from": {"cell": "sum"}, "to": {"cell": "b_q"}}]},
    {"from": "posedge $glbnet$clk", "to": "posedge $glbnet$clk", "path": [
      {"delay": 0.5, "type": "clk-to-q", "from": {"cell": "c_q"}, "to": {"cell": "c_q"}}]},
    {"from": "<async>", "to": "posedge slow", "path": [
      {"delay": 99.0, "type": "routing", "from": {"cell": "pad"}, "to": {"cell": "a_q"}}]}]})";

TEST(Synthesis, TheSlowestClockAndPathBetweenRegistersAreTold) {
  const Routing routing = read_routing(kReport);
  EXPECT_EQ(routing.fmax_mhz, 50.5);
  EXPECT_EQ(routing.path_ns, 2.75);
  EXPECT_EQ(routing.path_cells, 1);
  EXPECT_EQ(routing.from, "a_q");
  EXPECT_EQ(routing.to, "b_q");
}

TEST(Synthesis, WhatIsNoTimingReportIsRefused) {
  EXPECT_THROW(read_routing("no JSON"), Error);
  EXPECT_THROW(read_routing("{}"), Error);
  EXPECT_THROW(read_routing(R"({"fmax": {}, "critical_paths": []})"), Error);
  EXPECT_THROW(read_routing(R"({"fmax": {"clk": {"achieved": "fast"}}, "critical_paths": []})"), Error);
}

TEST(Synthesis, ABudgetIsKeptUpToItsLastUnit) {
  Target target;
  EXPECT_EQ(beyond_budget(target, {.lut = 1000}), "");
  target.budget.lut = 10;
  target.budget.bram36 = 1;
  target.budget.uram = 0;
  EXPECT_EQ(beyond_budget(target, {.lut = 10, .ff = 99, .bram36 = 1}), "");
  EXPECT_EQ(beyond_budget(target, {.lut = 11, .bram36 = 1.5, .uram = 1}),
            "lut = 11, at most 10; bram36 = 1.5, at most 1; uram = 1, at most 0");
}

TEST(Synthesis, AnUnknownFpgaIsRefused) {
  Target target;
  EXPECT_EQ(fpga_of(target).has.dsp, 1728);
  target.fpga = "xc7z020";
  EXPECT_THROW(fpga_of(target), Error);
}

}  // namespace
}  // namespace dsode::accel
