#include "Vaffine.h"
#include "quant/golden.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

// Shift and bounds are a pass's: they stay.
TEST(Affine, ScalesRoundsAndClamps) {
  for_seeds(200, [](uint64_t seed, Random& random) {
    Module<Vaffine> top(seed);
    Delay<int64_t> model(6);
    const int shift = 1 + static_cast<int>(random.value(0, 39));
    const int64_t hi = random.one_in(2) ? 255 >> random.below(7) : 127 >> random.below(7);
    const int64_t lo = hi > 127 || random.one_in(2) ? 0 : -hi - 1;
    top->shift_less_1_i = static_cast<uint8_t>(shift - 1);
    put(top->lo_i, 0, 10, static_cast<uint64_t>(lo));
    put(top->hi_i, 0, 10, static_cast<uint64_t>(hi));
    for (int cycle = 0; cycle < 300; ++cycle) {
      const int64_t z = random.signed_bits(16), scale = random.signed_bits(16), bias = random.signed_bits(32);
      top->z_i = static_cast<uint16_t>(z);
      top->scale_i = static_cast<uint16_t>(scale);
      top->bias_i = static_cast<uint32_t>(bias);
      top.settle();
      if (const auto expected = model(std::clamp(quant::rsh(z * scale + bias, shift), lo, hi)))
        ASSERT_EQ(top->activation_o, static_cast<uint8_t>(*expected)) << cycle;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
