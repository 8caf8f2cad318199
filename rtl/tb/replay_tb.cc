#include "Vreplay.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kPc = 4, kPp = 2, kLanes = 8, kChain = 4, kWords = 16, kLatency = 2;

struct Read {
  size_t address = 0, part = 0;
};

// Row i reads what row 0 has read i % chain cycles before. What is read is not written meanwhile.
TEST(Replay, GivesEachRowInItsCycle) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vreplay> top(seed);
    uint64_t words[kWords][kPp] = {};
    std::deque<Read> history(kChain);
    Delay<std::vector<uint8_t>> reads(kLatency);
    const auto write = [&](size_t address, size_t slot) {
      top->we_i = 1;
      top->waddr_i = static_cast<uint8_t>(address);
      top->slot_i = static_cast<uint8_t>(slot);
      words[address][slot] = top->wdata_i = random.bits(32) << 32 | random.bits(32);
    };
    for (size_t i = 0; i < kWords * kPp; ++i) {
      write(i / kPp, i % kPp);
      top.clock();
    }
    for (size_t cycle = 0; cycle < 1000; ++cycle) {
      history.push_front({random.below(kWords), random.below(kLanes / kPc)});
      history.pop_back();
      top->raddr_i = static_cast<uint8_t>(history[0].address);
      top->part_i = static_cast<uint8_t>(history[0].part);
      std::vector<uint8_t> read;
      for (size_t i = 0; i < kPc; ++i)
        for (size_t p = 0; p < kPp; ++p) {
          const auto [address, part] = history[i % kChain];
          read.push_back(static_cast<uint8_t>(words[address][p] >> 8 * (part * kPc + i)));
        }
      top->we_i = 0;
      const size_t address = random.below(kWords);
      const bool busy = std::ranges::any_of(history, [&](const Read& r) { return r.address == address; });
      if (!busy && !random.one_in(4)) write(address, random.below(kPp));
      top.settle();
      const auto expected = reads(read);
      for (size_t i = 0; expected && cycle >= kLatency + kChain && i < kPc * kPp; ++i)
        ASSERT_EQ(get(top->operands_o, 8 * i, 8), (*expected)[i]) << cycle << " byte " << i;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
