#include "Vdw_lane.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

TEST(DwLane, AddsNineProductsOfSignedOrUnsignedTaps) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vdw_lane> top(seed);
    Delay<int64_t> model(3);
    for (int cycle = 0; cycle < 1000; ++cycle) {
      top->signed_i = random.one_in(2);
      int64_t sum = 0;
      for (size_t t = 0; t < 9; ++t) {
        const int64_t tap = top->signed_i ? random.signed_bits(8) : int64_t(random.bits(8));
        const int64_t weight = random.signed_bits(8);
        put(top->taps_i, 8 * t, 8, static_cast<uint64_t>(tap));
        put(top->weights_i, 8 * t, 8, static_cast<uint64_t>(weight));
        sum += tap * weight;
      }
      top.settle();
      if (const auto expected = model(sum)) ASSERT_EQ(get_signed(top->acc_o, 0, 27), *expected) << cycle;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
