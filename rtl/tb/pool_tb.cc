#include "Vpool.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kLanes = 4, kGroups = 8;

// Maps of random sizes with idle cycles in between, in which anything stands at the inputs.
TEST(Pool, SumsEachChannelOfEveryMap) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vpool> top(seed);
    for (int map = 0; map < 20; ++map) {
      const size_t pixels = 1 + random.below(40), groups = 1 + random.below(kGroups);
      const bool bright = random.one_in(4);
      std::vector<uint64_t> sums(groups * kLanes);
      for (size_t i = 0; i < pixels * groups;) {
        const size_t group = i % groups;
        top->valid_i = !random.one_in(4);
        top->step_i =
            top->valid_i ? Step{.group = uint32_t(group), .first = i < groups}.pack() : random.bits(40);
        top->word_i = static_cast<uint32_t>(bright ? ~0U : random.bits(32));
        top.clock();
        if (!top->valid_i) continue;
        for (size_t l = 0; l < kLanes; ++l) {
          sums[group * kLanes + l] += get(top->word_i, 8 * l, 8);
          ASSERT_EQ(get(top->acc_o, 27 * l, 27), sums[group * kLanes + l]) << "map " << map << " word " << i;
        }
        ++i;
      }
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
