#include "Vrequant.h"
#include "quant/golden.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

// The shift is a pass's: it stays.
TEST(Requant, IsRshOfTheProductSaturated) {
  for_seeds(200, [](uint64_t seed, Random& random) {
    Module<Vrequant> top(seed);
    Delay<int64_t> model(5);
    const int shift = 1 + static_cast<int>(random.value(0, 39));
    top->shift_less_1_i = static_cast<uint8_t>(shift - 1);
    for (int cycle = 0; cycle < 300; ++cycle) {
      const int64_t acc = random.signed_bits(27), bias = random.signed_bits(27);
      top->multiplier_i = static_cast<uint16_t>(random.bits(16));
      put(top->acc_i, 0, 27, static_cast<uint64_t>(acc));
      put(top->bias_i, 0, 27, static_cast<uint64_t>(bias));
      top.settle();
      const int64_t exact = quant::rsh(wrapped(acc + bias, 27) * top->multiplier_i, shift);
      if (const auto expected = model(std::clamp<int64_t>(exact, -INT32_MAX, INT32_MAX)))
        ASSERT_EQ(static_cast<int32_t>(top->value_o), *expected) << cycle;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
