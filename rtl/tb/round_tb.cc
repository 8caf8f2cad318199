#include "Vround.h"
#include "quant/golden.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr int kIn = 44;
constexpr int64_t kMax = INT32_MAX;

// Anything, or what is next to rounding to a small number or to a bound.
int64_t value_for(Random& random, int shift) {
  if (random.one_in(3)) return random.signed_bits(kIn);
  const int64_t whole = int64_t{1} << shift, most = (int64_t{1} << (kIn - 1)) / whole - 1;
  const int64_t target = random.one_in(2) ? 0 : random.one_in(2) ? kMax : -kMax;
  return std::clamp(target + random.between(-3, 3), -most, most) * whole + whole / 2 + random.between(-1, 1);
}

TEST(Round, IsRshSaturated) {
  for_seeds(40, [](uint64_t seed, Random& random) {
    Module<Vround> top(seed);
    Delay<int64_t> model(2);
    for (int cycle = 0; cycle < 1000; ++cycle) {
      const int shift = 1 + static_cast<int>(random.value(0, 39));
      const int64_t value = value_for(random, shift);
      put(top->value_i, 0, kIn, static_cast<uint64_t>(value));
      top->shift_less_1_i = static_cast<uint8_t>(shift - 1);
      top.settle();
      if (const auto expected = model(std::clamp(quant::rsh(value, shift), -kMax, kMax)))
        ASSERT_EQ(static_cast<int32_t>(top->value_o), *expected) << cycle;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
