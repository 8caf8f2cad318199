// With memories of time biases, and without.
#include <map>

#include "Vdrain.h"
#include "Vdrain_timed.h"
#include "quant/golden.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kPk = 8, kPp = 2, kLanes = 4, kColumns = kPk / kLanes, kParamDepth = 64, kTimeDepth = 64;
using accel::Descriptor;
using accel::Destination;

struct Result {
  uint32_t address = 0;
  std::vector<int64_t> lanes;
  bool last_of_pixel = false, last_of_pass = false;
};

Descriptor make_pass(Random& random, bool timed) {
  Descriptor d;
  d.dst = static_cast<uint32_t>(random.below(4));
  d.activation_bits = static_cast<uint32_t>(2 + random.below(7));
  d.state_bits = static_cast<uint32_t>(8 + random.below(9));
  d.width = static_cast<uint32_t>(2 + random.below(4));
  d.height = static_cast<uint32_t>(2 + random.below(4));
  d.pixels_out = d.width * d.height;
  d.groups_out = static_cast<uint32_t>(1 + random.below(6));
  d.column_tiles = static_cast<uint32_t>((d.groups_out + kColumns - 1) / kColumns);
  d.add_base = static_cast<uint32_t>(random.below(1 << 16));
  d.dst_base = static_cast<uint32_t>(random.below(1 << 16));
  d.param_base = static_cast<uint32_t>(random.below(kParamDepth - d.groups_out + 1));
  d.param_shift = static_cast<uint32_t>(random.value(0, 39));
  d.timed = timed && random.one_in(2);
  d.tau = static_cast<uint32_t>(random.bits(8));
  d.time_base = static_cast<uint32_t>(random.below(kTimeDepth - 9 * d.groups_out + 1));
  return d;
}

std::pair<int64_t, int64_t> bounds(const Descriptor& d) {
  switch (static_cast<Destination>(d.dst)) {
    case Destination::kActivation:
      return {0, 255 >> (8 - d.activation_bits)};
    case Destination::kState:
      return {0, 32767 >> (16 - d.state_bits)};
    case Destination::kIncrement:
      return {-32768 >> (16 - d.state_bits), 32767 >> (16 - d.state_bits)};
    default:
      return {-INT32_MAX, INT32_MAX};
  }
}

template <class Top>
class Drain {
 public:
  static constexpr bool kTimed = std::is_same_v<Top, Vdrain_timed>;
  static constexpr uint64_t kLatency = kTimed ? 12 : 9;

  Drain(uint64_t seed, Random& random) : top_(seed), random_(random) {
    for (auto& word : biases_)
      for (int64_t& bias : word) bias = random.signed_bits(27);
    for (auto& word : multipliers_)
      for (uint64_t& multiplier : word) multiplier = random.bits(16);
    for (size_t i = 0; kTimed && i < kTimeDepth * kLanes; ++i) {
      times_[i / kLanes][i % kLanes] = random.signed_bits(27);
      top_->load_i = load_word(accel::Memory::kTime, i % kLanes, i / kLanes,
                               static_cast<uint32_t>(times_[i / kLanes][i % kLanes]));
      top_.clock();
    }
    top_->load_i = 0;
    reset();
  }

  void reset() {
    top_->start_i = top_->sums_valid_i = 0;
    top_.reset();
    due_.clear();
    busy_ = false;
  }

  // The pass's tiles, or the first of them.
  void run(const Descriptor& d, size_t tiles) {
    put(top_->desc_i, d);
    top_->start_i = 1;
    cycle();
    top_->start_i = 0;
    busy_ = true;
    written_ = 0;
    for (size_t tile = 0; tile < d.pixels_out; tile += kPp)
      for (size_t first = 0; first < d.groups_out; first += kColumns) {
        if (tiles-- == 0) return;
        while (random_.one_in(3)) cycle();
        const size_t words = std::min<size_t>(kColumns, d.groups_out - first);
        give(d, tile, first, words);
        for (size_t i = 1; i < kPp * words; ++i) cycle();
        ASSERT_FALSE(testing::Test::HasFailure()) << "pixel " << tile << " group " << first;
      }
    for (uint64_t i = 0; i < kLatency + 3; ++i) cycle();
  }

 private:
  using Words = std::vector<int64_t>;

  // Sums of a tile, a cycle, and what is due for them.
  void give(const Descriptor& d, size_t tile, size_t first, size_t words) {
    for (size_t p = 0; p < kPp; ++p)
      for (size_t k = 0; k < kPk; ++k) {
        const int64_t sum = random_.signed_bits(27);
        put(top_->sums_i, 27 * (p * kPk + k), 27, static_cast<uint64_t>(sum));
        const size_t pixel = tile + p, group = first + k / kLanes;
        if (pixel >= d.pixels_out || k / kLanes >= words) continue;
        Result& result = due_[now_ + 1 + p * words + k / kLanes + kLatency];
        const auto at = static_cast<uint32_t>(pixel * d.groups_out + group);
        result.address = d.dst_base + at;
        result.lanes.push_back(value(d, pixel, group, k % kLanes, sum, state(d.add_base + at, k % kLanes)));
        result.last_of_pixel = group == d.groups_out - 1;
        result.last_of_pass = result.last_of_pixel && pixel == d.pixels_out - 1;
      }
    top_->sums_valid_i = 1;
    cycle();
    top_->sums_valid_i = 0;
    for (auto& word : top_->sums_i.m_storage) word = static_cast<uint32_t>(random_.bits(32));
  }

  int64_t value(const Descriptor& d, size_t pixel, size_t group, size_t lane, int64_t sum,
                int64_t addend) const {
    const size_t y = pixel / d.width, x = pixel % d.width;
    const size_t row = y == 0 ? 0 : y == d.height - 1 ? 2 : 1, column = x == 0 ? 0 : x == d.width - 1 ? 2 : 1;
    int64_t bias = biases_[d.param_base + group][lane];
    if (d.timed) bias += d.tau * times_[d.time_base + (3 * row + column) * d.groups_out + group][lane];
    const int64_t exact = wrapped(sum + bias, 27) * int64_t(multipliers_[d.param_base + group][lane]);
    int64_t result = quant::rsh(exact, int(d.param_shift) + 1);
    result = std::clamp<int64_t>(result, -INT32_MAX, INT32_MAX);
    if (d.dst == uint32_t(Destination::kIncrement)) result += addend;
    const auto [lo, hi] = bounds(d);
    return std::clamp(result, lo, hi);
  }

  // What the memory of states holds: anything, the same every time.
  static int64_t state(uint32_t address, size_t lane) {
    return Random(address * kLanes + lane).signed_bits(16);
  }

  void cycle() {
    top_.settle();
    if (const auto address = params_(top_->param_addr_o))
      for (size_t l = 0; l < kLanes; ++l) {
        put(top_->params_i, 32 * l, 32, static_cast<uint64_t>(biases_[*address][l]));
        put(top_->params_i, 32 * kLanes + 16 * l, 16, multipliers_[*address][l]);
      }
    if (const auto address = states_(top_->state_addr_o))
      for (size_t l = 0; l < kLanes; ++l)
        put(top_->state_i, 16 * l, 16, static_cast<uint64_t>(state(*address, l)));
    top_.settle();
    const auto due = due_.find(now_);
    EXPECT_EQ(top_->valid_o, due != due_.end());
    EXPECT_EQ(top_->busy_o, busy_);
    if (busy_) EXPECT_EQ(top_->written_o, written_);
    if (due != due_.end()) {
      const Result& result = due->second;
      EXPECT_EQ(top_->addr_o, result.address);
      for (size_t l = 0; l < kLanes; ++l)
        EXPECT_EQ(static_cast<int32_t>(top_->word_o[l]), result.lanes[l]) << "lane " << l;
      written_ += result.last_of_pixel;
      busy_ = !result.last_of_pass;
      due_.erase(due);
    }
    top_.clock();
    ++now_;
  }

  Module<Top> top_;
  Random& random_;
  std::vector<Words> biases_ = std::vector<Words>(kParamDepth, Words(kLanes));
  std::vector<std::vector<uint64_t>> multipliers_{kParamDepth, std::vector<uint64_t>(kLanes)};
  std::vector<Words> times_ = std::vector<Words>(kTimeDepth, Words(kLanes));
  std::map<uint64_t, Result> due_;  // by cycle
  Delay<uint32_t> params_{2}, states_{2};
  uint64_t now_ = 0;
  uint32_t written_ = 0;
  bool busy_ = false;
};

template <class Top>
class DrainTest : public testing::Test {};
using Tops = testing::Types<Vdrain, Vdrain_timed>;
TYPED_TEST_SUITE(DrainTest, Tops);

TYPED_TEST(DrainTest, GivesEveryWordInItsCycle) {
  for_seeds(30, [](uint64_t seed, Random& random) {
    Drain<TypeParam> drain(seed, random);
    for (int pass = 0; pass < 6 && !testing::Test::HasFailure(); ++pass) {
      const Descriptor d = make_pass(random, drain.kTimed);
      const bool cut = random.one_in(5);
      drain.run(d, cut ? random.below(d.column_tiles * 2) : SIZE_MAX);
      if (cut) drain.reset();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
