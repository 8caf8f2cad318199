#include "Vgather.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kLanes = 4, kTaps = 9;

TEST(Gather, GivesTheTapsInOrderThenZeros) {
  for_seeds(100, [](uint64_t seed, Random& random) {
    Module<Vgather> top(seed);
    for (size_t i = 0; i < kTaps * kLanes; ++i) put(top->window_i, 8 * i, 8, random.bits(8));
    for (const size_t channels : {1U, 3U}) {
      std::vector<uint64_t> bytes;
      for (size_t t = 0; t < kTaps; ++t)
        for (size_t c = 0; c < channels; ++c) bytes.push_back(get(top->window_i, 8 * (t * kLanes + c), 8));
      bytes.resize((3 * kTaps + kLanes - 1) / kLanes * kLanes);
      top->colour_i = channels == 3;
      for (size_t i = 0; i < bytes.size(); ++i) {
        top->word_i = static_cast<uint8_t>(i / kLanes);
        top.settle();
        ASSERT_EQ(get(top->operand_o, 8 * (i % kLanes), 8), bytes[i]) << channels << " channels, byte " << i;
      }
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
