#include "Vtime_bias.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kLanes = 2, kDepth = 128, kPp = 2, kColumns = 2, kLatency = 4;

// The drain's steps: for each tile of pixels, for each tile of columns, pixel by pixel, its words. With idle
// cycles.
TEST(TimeBias, IsTauTimesTheWordOfThePixelsPlaceAtTheBorder) {
  for_seeds(50, [](uint64_t seed, Random& random) {
    Module<Vtime_bias> top(seed);
    std::vector<std::vector<int64_t>> times(kDepth, std::vector<int64_t>(kLanes));
    for (size_t i = 0; i < kDepth * kLanes; ++i) {
      times[i / kLanes][i % kLanes] = random.signed_bits(27);
      const auto bits = static_cast<uint32_t>(times[i / kLanes][i % kLanes]);
      top->load_i = load_word(accel::Memory::kTime, i % kLanes, i / kLanes, bits);
      top.clock();
      top->load_i = load_word(accel::Memory::kParam, i % kLanes, i / kLanes, ~bits);  // another memory's
      top.clock();
    }
    top->load_i = 0;
    for (int pass = 0; pass < 4; ++pass) {
      accel::Descriptor d;
      d.timed = !random.one_in(4);
      d.tau = static_cast<uint32_t>(random.bits(8));
      d.width = static_cast<uint32_t>(2 + random.below(5));
      d.height = static_cast<uint32_t>(2 + random.below(5));
      d.groups_out = static_cast<uint32_t>(1 + random.below(6));
      d.time_base = static_cast<uint32_t>(random.below(kDepth - 9 * d.groups_out + 1));
      put(top->desc_i, d);
      top->start_i = 1;
      top.clock();
      top->start_i = 0;

      Delay<std::optional<std::vector<int64_t>>> model(kLatency);
      const auto cycle = [&](const std::optional<std::vector<int64_t>>& bias) {
        top.settle();
        const auto expected = model(bias);
        for (size_t l = 0; expected && *expected && l < kLanes; ++l)
          ASSERT_EQ(get_signed(top->bias_o, 27 * l, 27), (**expected)[l]) << "pass " << pass;
        top.clock();
      };
      const auto bias_of = [&](size_t pixel, size_t group) {
        const size_t y = pixel / d.width, x = pixel % d.width;
        const size_t row = y == 0              ? 0
                           : y == d.height - 1 ? 2
                                               : 1,
                     column = x == 0             ? 0
                              : x == d.width - 1 ? 2
                                                 : 1;
        std::vector<int64_t> bias;
        for (const int64_t time : times[d.time_base + (3 * row + column) * d.groups_out + group])
          bias.push_back(d.timed ? wrapped(time * d.tau, 27) : 0);
        return bias;
      };
      const auto idle = [&] {
        top->next_pixel_i = top->next_tile_i = top->again_i = 0;
        top->group_i = static_cast<uint8_t>(random.below(d.groups_out));
        cycle(std::nullopt);
      };

      const size_t pixels = size_t{d.width} * d.height;
      for (size_t tile = 0; tile < pixels; tile += kPp)
        for (size_t first = 0; first < d.groups_out; first += kColumns)
          for (size_t p = 0; p < kPp; ++p)
            for (size_t group = first; group < std::min<size_t>(first + kColumns, d.groups_out); ++group) {
              while (random.one_in(4)) ASSERT_NO_FATAL_FAILURE(idle());
              const bool last_word = group + 1 == std::min<size_t>(first + kColumns, d.groups_out);
              const bool last_slot = p == kPp - 1, last_column = first + kColumns >= d.groups_out;
              top->group_i = static_cast<uint8_t>(group);
              top->next_pixel_i = last_word;
              top->next_tile_i = last_slot && last_column;
              top->again_i = last_word && last_slot && !last_column;
              // Pixels beyond the map are nobody's.
              const auto bias = tile + p < pixels ? std::optional(bias_of(tile + p, group)) : std::nullopt;
              ASSERT_NO_FATAL_FAILURE(cycle(bias)) << "pixel " << tile + p;
            }
      for (size_t i = 0; i < kLatency; ++i) ASSERT_NO_FATAL_FAILURE(idle());
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
