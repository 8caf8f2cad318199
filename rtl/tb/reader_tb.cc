#include "Vreader.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr uint32_t kPp = 2, kReplayWords = 32;
using accel::Descriptor;

// A word, and what it waits for.
struct Word {
  uint32_t address = 0;
  Step step;
  std::optional<uint32_t> pixel;  // of the source; none past its end
  bool opens = false;             // a tile
};

Descriptor make_pass(Random& random) {
  Descriptor d;
  d.window = static_cast<uint32_t>(random.below(3));
  d.src = d.window == uint32_t(accel::Window::kStem) ? uint32_t(accel::Source::kImage)
                                                     : uint32_t(1 + random.below(2));
  d.stride2 = d.window == uint32_t(accel::Window::kDepthwise) && random.one_in(2);
  const uint64_t least = d.window == uint32_t(accel::Window::kPool) ? 1 : 2;
  d.width = static_cast<uint32_t>(least + random.below(7));
  d.height = static_cast<uint32_t>(least + random.below(7));
  d.pixels = d.width * d.height;
  d.groups_in = static_cast<uint32_t>(1 + random.below(kReplayWords / 4));
  d.pixels_out = d.window == uint32_t(accel::Window::kPool) ? 1
                 : d.stride2                                ? (d.width + 1) / 2 * ((d.height + 1) / 2)
                                                            : d.pixels;
  d.src_base = static_cast<uint32_t>(random.below(1 << 16));
  return d;
}

// The words of a pass whose first tile lies at `tile` of the replay buffer, which moves on.
std::vector<Word> words_of(const Descriptor& d, uint32_t& tile) {
  const bool pool = d.window == uint32_t(accel::Window::kPool),
             image = d.src == uint32_t(accel::Source::kImage);
  std::vector<Word> words;
  uint32_t emitted = 0;
  for (uint32_t pixel = 0; emitted < d.pixels_out; ++pixel) {
    const bool centred = pixel > d.width;  // on the pixel a row and one before
    const uint32_t y = centred ? (pixel - d.width - 1) / d.width : 0,
                   x = centred ? (pixel - d.width - 1) % d.width : 0;
    const bool emits = pool ? pixel == d.pixels - 1 : centred && !(d.stride2 && (x % 2 || y % 2));
    const uint32_t slot = emitted % kPp;
    for (uint32_t group = 0; group < d.groups_in; ++group) {
      const bool last = group == d.groups_in - 1;
      Word word{d.src_base + (image ? pixel : pixel * d.groups_in + group),
                {},
                {},
                emits && slot == 0 && group == 0};
      if (pixel < d.pixels) word.pixel = pixel;
      word.step = {group,
                   pixel % d.width * d.groups_in + group,
                   y == 0,
                   y == d.height - 1,
                   x == 0,
                   x == d.width - 1,
                   pixel == 0,
                   emits,
                   slot,
                   (tile + group) % kReplayWords,
                   emits && last && (slot == kPp - 1 || emitted == d.pixels_out - 1)};
      words.push_back(word);
    }
    if (emits && words.back().step.tile_done) tile = (tile + d.groups_in) % kReplayWords;
    emitted += emits;
  }
  return words;
}

class Reader {
 public:
  Reader(uint64_t seed, Random& random) : top_(seed), random_(random) { reset(); }

  void reset() {
    top_->release_i = 0;
    top_->start_i = 0;
    top_.reset();
    tile_ = 0;
    free_ = kReplayWords;
    named_.reset();
    held_.clear();
  }

  // Up to the last word, or to the one that `stop` counts.
  void run(const Descriptor& d, size_t stop) {
    put(top_->desc_i, d);
    const std::vector<Word> words = words_of(d, tile_);
    uint32_t readable = 0;
    top_->start_i = 1;
    cycle(nullptr, d, 0);
    top_->start_i = 0;
    for (size_t next = 0; next < std::min(stop, words.size());) {
      if (random_.one_in(3)) readable += static_cast<uint32_t>(random_.below(4));
      next += cycle(&words[next], d, readable);
      ASSERT_FALSE(testing::Test::HasFailure()) << "word " << next;
    }
    if (stop >= words.size()) cycle(nullptr, d, readable);
  }

 private:
  // Whether `word`, which is due, goes.
  bool cycle(const Word* word, const Descriptor& d, uint32_t readable) {
    top_->readable_i = readable;
    top_->release_i = !held_.empty() && random_.one_in(12);
    if (top_->release_i) top_->release_words_i = static_cast<uint8_t>(held_.front());
    top_.settle();
    const bool there = word && (!word->pixel || *word->pixel < readable);
    const bool goes = there && (!word->opens || free_ >= d.groups_in);
    EXPECT_EQ(top_->busy_o, word != nullptr);
    EXPECT_EQ(top_->starved_o, word && !there);
    EXPECT_EQ(top_->blocked_o, there && !goes);
    EXPECT_EQ(top_->valid_o, named_.has_value());
    if (named_) EXPECT_EQ(top_->addr_o, named_->address);
    if (named_) EXPECT_EQ(top_->step_o, named_->step.pack());
    named_ = goes ? std::optional(*word) : std::nullopt;
    if (top_->release_i) free_ += held_.front(), held_.pop_front();
    if (goes && word->opens) free_ -= d.groups_in, held_.push_back(d.groups_in);
    top_.clock();
    return goes;
  }

  Module<Vreader> top_;
  Random& random_;
  uint32_t tile_ = 0, free_ = kReplayWords;
  std::deque<uint32_t> held_;  // words of the tiles in the replay buffer
  std::optional<Word> named_;  // in the cycle before
};

TEST(Reader, NamesEveryWordAsSoonAsItMay) {
  for_seeds(100, [](uint64_t seed, Random& random) {
    Reader reader(seed, random);
    for (int pass = 0; pass < 8; ++pass) {
      const Descriptor d = make_pass(random);
      const bool cut = random.one_in(6);
      reader.run(d, cut ? random.below(d.pixels) : SIZE_MAX);
      if (testing::Test::HasFailure()) return;
      if (cut) reader.reset();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
