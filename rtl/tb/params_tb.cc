#include "Vparams.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kParts = 3, kDepth = 16, kLatency = 2;
using Word = std::vector<std::optional<uint32_t>>;

// Parts beyond a word are nobody's.
TEST(Params, GivesAllPartsOfAWord) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vparams> top(seed);
    std::vector<Word> words(kDepth, Word(kParts));
    Delay<Word> reads(kLatency);
    for (int cycle = 0; cycle < 1000; ++cycle) {
      top->we_i = random.one_in(2);
      top->wpart_i = static_cast<uint16_t>(random.one_in(4) ? random.below(1 << 12) : random.below(kParts));
      top->waddr_i = static_cast<uint8_t>(random.below(kDepth));
      top->wdata_i = static_cast<uint32_t>(random.bits(32));
      top->raddr_i = static_cast<uint8_t>(random.below(kDepth));
      top.settle();
      Word read = words[top->raddr_i];
      if (top->we_i && top->wpart_i < kParts) {
        if (top->waddr_i == top->raddr_i) read[top->wpart_i].reset();  // may be either
        words[top->waddr_i][top->wpart_i] = top->wdata_i;
      }
      if (const auto expected = reads(read))
        for (size_t p = 0; p < kParts; ++p)
          if ((*expected)[p])
            ASSERT_EQ(get(top->data_o, 32 * p, 32), *(*expected)[p]) << cycle << " part " << p;
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
