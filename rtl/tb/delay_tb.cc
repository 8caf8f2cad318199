#include "Vdelay.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kWidth = 40, kCycles = 3;

TEST(Delay, GivesWhatItTookCyclesBefore) {
  for_seeds(10, [](uint64_t seed, Random& random) {
    Module<Vdelay> top(seed);
    Delay<uint64_t> model(kCycles);
    for (int cycle = 0; cycle < 500; ++cycle) {
      top->data_i = random.bits(kWidth);
      top.settle();
      if (const auto expected = model(top->data_i)) ASSERT_EQ(top->data_o, *expected) << cycle;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
