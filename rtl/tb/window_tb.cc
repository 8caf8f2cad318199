#include "Vwindow.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kLanes = 2, kBits = 8 * kLanes, kLineWords = 32, kGroups = 4;

struct Map {
  size_t height, width, groups;
  uint64_t pad;
  std::vector<uint64_t> words;  // and those of a row and a pixel past the end
  uint64_t tap(size_t pixel, size_t group, size_t ky, size_t kx) const {
    const size_t y = pixel / width + ky - 1, x = pixel % width + kx - 1;  // wraps where it is outside
    return y < height && x < width ? words[(y * width + x) * groups + group] : pad;
  }
};

Map make_map(Random& random) {
  Map map{2 + random.below(5), 0, 1 + random.below(kGroups), random.bits(kBits), {}};
  map.width = 2 + random.below(kLineWords / map.groups - 1);
  map.words.resize(((map.height + 1) * map.width + 1) * map.groups);
  for (uint64_t& word : map.words) word = random.bits(kBits);
  return map;
}

// Of the word at `i`, which completes the window a row and a pixel before it, if there is one.
Step step_at(const Map& map, size_t i) {
  const size_t pixel = i / map.groups, group = i % map.groups;
  Step step{.group = uint32_t(group), .ring = uint32_t(pixel % map.width * map.groups + group)};
  if (pixel <= map.width) return step;
  const size_t y = (pixel - map.width - 1) / map.width, x = (pixel - map.width - 1) % map.width;
  step.top = y == 0;
  step.bottom = y == map.height - 1;
  step.left = x == 0;
  step.right = x == map.width - 1;
  return step;
}

// Words come with gaps, in which anything but valid_i stands at the inputs.
TEST(Window, GivesTheNineTapsOfEveryPixel) {
  for_seeds(40, [](uint64_t seed, Random& random) {
    Module<Vwindow> top(seed);
    for (int m = 0; m < 5; ++m) {
      const Map map = make_map(random);
      std::vector<std::optional<size_t>> schedule;  // which word comes in which cycle
      for (size_t i = 0; i < map.words.size(); ++i) {
        while (random.one_in(4)) schedule.emplace_back();
        schedule.emplace_back(i);
      }
      schedule.resize(schedule.size() + 3);
      top->pad_i = static_cast<uint16_t>(map.pad);
      Delay<std::optional<size_t>> newest(1), complete(2);
      for (size_t cycle = 0; cycle + 1 < schedule.size(); ++cycle) {
        const auto now = schedule[cycle], next = schedule[cycle + 1];
        const auto step_of = [&](const auto& at) { return at ? step_at(map, *at).pack() : random.bits(40); };
        top->valid_i = now.has_value();
        top->early_i = next ? step_of(next) : random.bits(40);
        top->step_i = step_of(now);
        top->word_i = static_cast<uint16_t>(now ? map.words[*now] : random.bits(kBits));
        top.settle();
        const auto before = newest(now);
        if (before && *before)
          ASSERT_EQ(top->newest_o, map.words[**before]) << "map " << m << " cycle " << cycle;
        const auto done = complete(now);
        if (done && *done && **done / map.groups > map.width) {
          const size_t pixel = **done / map.groups - map.width - 1;
          for (size_t t = 0; t < 9; ++t)
            ASSERT_EQ(get(top->window_o, t * kBits, kBits), map.tap(pixel, **done % map.groups, t / 3, t % 3))
                << "map " << m << " pixel " << pixel << " tap " << t;
        }
        top.clock();
      }
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
