#include "Vmaps.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kLanes = 2, kStates = 32, kActivations = 16, kPixels = 16, kLatency = 2;
using Word = std::optional<uint64_t>;  // nothing where it was not written, or is written in this cycle

// A memory of the model, with one write and one read a cycle.
class Memory {
 public:
  explicit Memory(size_t words) : words_(words) {}
  Word read(size_t address) const { return words_.at(address % words_.size()); }
  void write(size_t address, uint64_t word) { words_[address % words_.size()] = word; }

 private:
  std::vector<Word> words_;
};

TEST(Maps, GivesWhatWasWrittenLastToEveryReader) {
  for_seeds(20, [](uint64_t seed, Random& random) {
    Module<Vmaps> top(seed);
    Memory states(kStates), activations(kActivations), pixels(2 * kPixels);
    Delay<std::array<Word, 4>> reads(kLatency);
    for (int cycle = 0; cycle < 2000; ++cycle) {
      top->state_we_i = random.one_in(2);
      top->activation_we_i = !top->state_we_i && random.one_in(2);
      top->pixel_we_i = random.one_in(2);
      top->waddr_i = static_cast<uint32_t>(random.below(1 << 20));
      top->wdata_i = {};
      for (size_t l = 0; l < kLanes; ++l) put(top->wdata_i, 32 * l, 32, random.bits(32));
      top->pixel_wbuffer_i = random.one_in(2);
      top->pixel_waddr_i = static_cast<uint32_t>(random.below(kPixels));
      top->pixel_i = static_cast<uint32_t>(random.bits(24));
      top->source_addr_i = static_cast<uint32_t>(random.below(random.one_in(2) ? kPixels : kStates));
      top->pixel_buffer_i = random.one_in(2);
      top->addend_addr_i = static_cast<uint32_t>(random.below(1 << 20));
      top.settle();

      const size_t to = top->pixel_waddr_i + top->pixel_wbuffer_i * kPixels, from = top->source_addr_i;
      const size_t pixel = from + top->pixel_buffer_i * kPixels;
      const auto unless = [](bool written, const Word& word) { return written ? Word{} : word; };
      const auto meets = [&](size_t address, size_t depth) {
        return top->waddr_i % depth == address % depth;
      };
      const auto expected = reads(
          {unless(top->state_we_i && meets(from, kStates), states.read(from)),
           unless(top->state_we_i && meets(top->addend_addr_i, kStates), states.read(top->addend_addr_i)),
           unless(top->activation_we_i && meets(from, kActivations), activations.read(from)),
           from >= kPixels || (top->pixel_we_i && to == pixel) ? Word{} : pixels.read(pixel)});
      if (expected) {
        const auto [state, addend, activation, rgb] = *expected;
        if (state) ASSERT_EQ(top->state_o, *state) << cycle;
        if (addend) ASSERT_EQ(top->addend_o, *addend) << cycle;
        if (activation) ASSERT_EQ(top->activation_o, *activation) << cycle;
        if (rgb) ASSERT_EQ(top->pixel_o, *rgb) << cycle;
      }
      uint64_t state = 0, activation = 0;
      for (size_t l = 0; l < kLanes; ++l) {
        state |= get(top->wdata_i, 32 * l, 16) << 16 * l;
        activation |= get(top->wdata_i, 32 * l, 8) << 8 * l;
      }
      if (top->state_we_i) states.write(top->waddr_i, state);
      if (top->activation_we_i) activations.write(top->waddr_i, activation);
      if (top->pixel_we_i) pixels.write(to, top->pixel_i);
      top.clock();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
