#include "Vmac_sequencer.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr uint32_t kPc = 4, kPk = 16, kPp = 2, kLanes = 8, kReplayWords = 32;
constexpr uint32_t kParts = kLanes / kPc, kColumns = kPk / kLanes;
using accel::Descriptor;

// A cycle of the array, and how long the drain then needs.
struct Product {
  bool first = false, last = false;
  uint32_t weight = 0, replay = 0, part = 0, drains = 0;
  bool ends = false;  // its tile of pixels
};

Descriptor make_pass(Random& random) {
  Descriptor d;
  d.groups_in = static_cast<uint32_t>(1 + random.below(kReplayWords / 4));
  d.groups_out = static_cast<uint32_t>(1 + random.below(7));
  d.channel_tiles = d.groups_in * kParts - static_cast<uint32_t>(random.below(kParts));
  d.column_tiles = (d.groups_out + kColumns - 1) / kColumns;
  d.pixels_out = static_cast<uint32_t>(1 + random.below(9));
  d.weight_base = static_cast<uint32_t>(random.below(1 << 15));
  return d;
}

// The cycles of a pass whose first tile lies at `tile` of the replay buffer, which moves on.
std::vector<Product> products_of(const Descriptor& d, uint32_t& tile) {
  std::vector<Product> products;
  for (uint32_t pixel = 0; pixel < d.pixels_out; pixel += kPp) {
    for (uint32_t column = 0; column < d.column_tiles; ++column)
      for (uint32_t channel = 0; channel < d.channel_tiles; ++channel) {
        const bool last = channel == d.channel_tiles - 1;
        products.push_back({channel == 0, last, d.weight_base + column * d.channel_tiles + channel,
                            (tile + channel / kParts) % kReplayWords, channel % kParts,
                            last ? kPp * std::min(kColumns, d.groups_out - column * kColumns) : 0,
                            last && column == d.column_tiles - 1});
      }
    tile = (tile + d.groups_in) % kReplayWords;
  }
  return products;
}

class Sequencer {
 public:
  Sequencer(uint64_t seed, Random& random) : top_(seed), random_(random) { reset(); }

  void reset() {
    top_->start_i = top_->tile_ready_i = 0;
    top_.reset();
    tile_ = ready_ = draining_ = 0;
    went_.reset();
  }

  // Up to the last cycle, or to the one that `stop` counts.
  void run(const Descriptor& d, size_t stop) {
    put(top_->desc_i, d);
    groups_ = d.groups_in;
    const std::vector<Product> products = products_of(d, tile_);
    tiles_ = (d.pixels_out + kPp - 1) / kPp;
    const uint64_t pace = 1 + random_.below(2 * products.size() / tiles_ + 1);  // of the tiles
    top_->start_i = 1;
    cycle(nullptr, pace);
    top_->start_i = 0;
    for (size_t next = 0; next < std::min(stop, products.size());) {
      next += cycle(&products[next], pace);
      ASSERT_FALSE(testing::Test::HasFailure()) << "product " << next;
    }
    if (stop >= products.size()) cycle(nullptr, pace);
  }

 private:
  // Whether `product`, which is due, is made.
  bool cycle(const Product* product, uint64_t pace) {
    top_->tile_ready_i = tiles_ > 0 && (ready_ + 1) * groups_ <= kReplayWords && random_.one_in(pace);
    top_.settle();
    const bool here = product && ready_ > 0, goes = here && !(product->last && draining_ > 0);
    EXPECT_EQ(top_->busy_o, product != nullptr);
    EXPECT_EQ(top_->starved_o, product && !here);
    EXPECT_EQ(top_->blocked_o, here && !goes);
    EXPECT_EQ(top_->valid_o, went_.has_value());
    EXPECT_EQ(top_->release_o, went_ && went_->ends);
    if (top_->release_o) EXPECT_EQ(top_->release_words_o, groups_);
    if (went_) {
      EXPECT_EQ(top_->first_o, went_->first);
      EXPECT_EQ(top_->last_o, went_->last);
      EXPECT_EQ(top_->weight_addr_o, went_->weight);
      EXPECT_EQ(top_->replay_addr_o, went_->replay);
      EXPECT_EQ(top_->replay_part_o, went_->part);
    }
    went_ = goes ? std::optional(*product) : std::nullopt;
    // The drain takes a word a cycle from the next one on.
    if (draining_ > 0) --draining_;
    if (goes && product->last) draining_ = product->drains - 1;
    ready_ += top_->tile_ready_i;
    tiles_ -= top_->tile_ready_i;
    if (goes && product->ends) --ready_;
    top_.clock();
    return goes;
  }

  Module<Vmac_sequencer> top_;
  Random& random_;
  uint32_t tile_ = 0, ready_ = 0, draining_ = 0, tiles_ = 0, groups_ = 0;
  std::optional<Product> went_;  // in the cycle before
};

TEST(MacSequencer, NamesEveryProductAsSoonAsItMay) {
  for_seeds(100, [](uint64_t seed, Random& random) {
    Sequencer sequencer(seed, random);
    for (int pass = 0; pass < 8; ++pass) {
      const bool cut = random.one_in(6);
      sequencer.run(make_pass(random), cut ? random.below(20) : SIZE_MAX);
      if (testing::Test::HasFailure()) return;
      if (cut) sequencer.reset();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
