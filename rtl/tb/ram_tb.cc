#include "Vram.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kDepth = 24, kLatency = 2;
constexpr int kWidth = 40;

// A word that is read in the cycle that writes it may be either, and one that was never written anything.
TEST(Ram, GivesWhatWasWrittenLast) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vram> top(seed);
    std::vector<std::optional<uint64_t>> words(kDepth);
    Delay<std::optional<uint64_t>> reads(kLatency);
    for (int cycle = 0; cycle < 1000; ++cycle) {
      top->we_i = random.one_in(2);
      top->waddr_i = static_cast<uint8_t>(random.below(kDepth));
      top->wdata_i = random.bits(kWidth);
      top->raddr_i = static_cast<uint8_t>(random.below(kDepth));
      top.settle();
      const bool collides = top->we_i && top->waddr_i == top->raddr_i;
      const auto expected = reads(collides ? std::nullopt : words[top->raddr_i]);
      if (expected && *expected) ASSERT_EQ(top->rdata_o, **expected) << cycle;
      if (top->we_i) words[top->waddr_i] = top->wdata_i;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
