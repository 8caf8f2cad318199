#include "accel/records.h"

#include <gtest/gtest.h>

#include "ir/cost.h"

namespace dsode::accel {
namespace {

TEST(Records, OfSynthesisFitTheFpgaAndKeepTheBudget) {
  const std::vector<SynthesisRecord> records = synthesis_records();
  ASSERT_GE(records.size(), 3U);
  int before = 0;
  for (const auto& [target, tool, used, levels] : records) {
    const Resources& has = fpga_of(target).has;
    EXPECT_TRUE(used.lut <= has.lut && used.ff <= has.ff && used.dsp <= has.dsp &&
                used.bram36 <= has.bram36 && used.uram <= has.uram)
        << target.name;
    EXPECT_EQ(beyond_budget(target, used), "");
    // One DSP slice serves two products.
    EXPECT_GE(used.dsp, target.macs_per_cycle() / 2) << target.name;
    EXPECT_GT(target.macs_per_cycle(), before);
    EXPECT_GT(levels, 0);
    before = target.macs_per_cycle();
  }
}

TEST(Records, OfSoftwareAreOfTheModelAsItIsNow) {
  for (const char* name : {"dsodenet-t", "dsodenet-b"}) {
    const auto record = software_record(name, ir::cost(ir::make_spec(name, {})).macs);
    ASSERT_TRUE(record) << name;
    for (const Estimate& estimate : {record->plain, record->neon}) {
      EXPECT_LT(estimate.lo, estimate.ms);
      EXPECT_LT(estimate.ms, estimate.hi);
    }
    EXPECT_GT(record->x86, 0);
  }
}

TEST(Records, OfOtherInputsThereAreNone) {
  ir::ModelOverrides overrides;
  overrides.input = std::vector{16, 16, 1};
  EXPECT_FALSE(software_record("dsodenet-t", ir::cost(ir::make_spec("dsodenet-t", overrides)).macs));
}

}  // namespace
}  // namespace dsode::accel
