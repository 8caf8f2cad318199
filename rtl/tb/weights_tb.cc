#include "Vweights.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kPc = 4, kPk = 8, kChain = 2, kDepth = 32, kParts = kPc * kPk / 4, kLatency = 2;

// Row i reads its address i % chain cycles after row 0. What is read is not written meanwhile.
TEST(Weights, GivesEachRowInItsCycle) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vweights> top(seed);
    std::vector<std::vector<uint32_t>> words(kDepth, std::vector<uint32_t>(kParts));
    std::deque<size_t> addresses(kChain);
    Delay<std::vector<uint32_t>> reads(kLatency);
    const auto write = [&](size_t address, size_t part) {
      top->we_i = 1;
      top->waddr_i = static_cast<uint8_t>(address);
      top->wpart_i = static_cast<uint16_t>(part);
      top->wdata_i = static_cast<uint32_t>(random.bits(32));
      if (part < kParts) words[address][part] = top->wdata_i;
    };
    for (size_t i = 0; i < kDepth * kParts; ++i) {
      write(i / kParts, i % kParts);
      top.clock();
    }
    for (size_t cycle = 0; cycle < 1000; ++cycle) {
      addresses.push_front(random.below(kDepth));
      addresses.pop_back();
      top->raddr_i = static_cast<uint8_t>(addresses[0]);
      std::vector<uint32_t> read;
      for (size_t part = 0; part < kParts; ++part) {
        const size_t row = part * 4 / kPk;
        read.push_back(words[addresses[row % kChain]][part]);
      }
      top->we_i = 0;
      const size_t address = random.below(kDepth);
      if (std::ranges::count(addresses, address) == 0) write(address, random.below(2 * kParts));
      top.settle();
      const auto expected = reads(read);
      for (size_t part = 0; expected && cycle >= kLatency + kChain && part < kParts; ++part)
        ASSERT_EQ(get(top->weights_o, 32 * part, 32), (*expected)[part]) << cycle << " part " << part;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
