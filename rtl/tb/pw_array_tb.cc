// The product array in its two forms, cycle by cycle: chains of plain multipliers, and chains of DSP48E2
// slices by our model of them. Both against the sums themselves.
#include <iterator>
#include <random>

#include "Vpw_array.h"
#include "Vpw_array_dsp.h"
#include "tb/bench.h"

namespace dsode {
namespace {

constexpr int kPc = 16, kPk = 4, kPp = 2, kChain = 8, kLatency = 4 + kChain + 1;

struct Cycle {
  bool valid = false, first = false, last = false;
  int8_t operands[kPc][kPp] = {}, weights[kPc][kPk] = {};
};

int8_t pick(std::mt19937& random, bool extreme, int lo) {
  if (extreme) return static_cast<int8_t>(random() % 2 ? 127 : lo);
  return static_cast<int8_t>(lo + static_cast<int>(random() % static_cast<unsigned>(128 - lo)));
}

// Rows come skewed: row i shows what was `i % chain` cycles ago.
template <class Top>
void drive(Top& top, const std::deque<Cycle>& history) {
  for (int i = 0; i < kPc; ++i) {
    const Cycle& at = history[static_cast<size_t>(i % kChain)];
    for (int p = 0; p < kPp; ++p) {
      const int byte = i * kPp + p;
      top.operands_i[byte / 4] &= ~(0xffU << byte % 4 * 8);
      top.operands_i[byte / 4] |= uint32_t{static_cast<uint8_t>(at.operands[i][p])} << byte % 4 * 8;
    }
    for (int k = 0; k < kPk; ++k) {
      const int byte = i * kPk + k;
      top.weights_i[byte / 4] &= ~(0xffU << byte % 4 * 8);
      top.weights_i[byte / 4] |= uint32_t{static_cast<uint8_t>(at.weights[i][k])} << byte % 4 * 8;
    }
  }
  top.valid_i = history[0].valid;
  top.first_i = history[0].first;
  top.last_i = history[0].last;
}

template <class Top>
int32_t sum(const Top& top, int k, int p) {
  const int bit = (p * kPk + k) * 27;
  const uint64_t word = top.acc_o[bit / 32] | uint64_t{bit / 32 + 1 < 7 ? top.acc_o[bit / 32 + 1] : 0} << 32;
  return static_cast<int32_t>(static_cast<uint32_t>(word >> bit % 32) << 5) >> 5;
}

TEST(PwArray, BothFormsGiveTheSumsInTheSameCycle) {
  std::mt19937 random(1);
  rtl::Module<Vpw_array> plain(1);
  rtl::Module<Vpw_array_dsp> slices(1);
  std::deque<Cycle> history(kChain);
  std::deque<std::pair<bool, std::vector<int32_t>>> due(kLatency);
  std::vector<int32_t> sums(kPk * kPp);
  int compared = 0, left = 0;
  for (int cycle = 0; cycle < 200'000; ++cycle) {
    Cycle now;
    const bool extreme = cycle / 1000 % 2 == 0;
    now.valid = random() % 8 != 0;
    for (auto& row : now.operands)
      for (int8_t& x : row) x = pick(random, extreme, -128);
    for (auto& row : now.weights)
      for (int8_t& x : row) x = pick(random, extreme, -127);
    bool ends = false;
    if (now.valid) {
      now.first = left == 0;
      if (left == 0) left = 1 + static_cast<int>(random() % 5);
      now.last = ends = --left == 0;
      if (now.first) sums.assign(sums.size(), 0);
      for (int k = 0; k < kPk; ++k)
        for (int p = 0; p < kPp; ++p)
          for (int i = 0; i < kPc; ++i)
            sums[static_cast<size_t>(k * kPp + p)] += now.weights[i][k] * now.operands[i][p];
    }
    history.push_front(now);
    history.pop_back();
    due.push_back({ends, sums});
    for (auto* reset : {&plain->rst_ni, &slices->rst_ni}) *reset = cycle > 2;
    drive(*plain, history);
    drive(*slices, history);
    plain.clock();
    slices.clock();
    const auto [expected, values] = due[due.size() - kLatency];
    if (cycle < 100) continue;
    ASSERT_EQ(plain->last_o, expected) << cycle;
    ASSERT_EQ(slices->last_o, expected) << cycle;
    for (int k = 0; expected && k < kPk; ++k)
      for (int p = 0; p < kPp; ++p, ++compared) {
        ASSERT_EQ(sum(*plain, k, p), values[static_cast<size_t>(k * kPp + p)]) << cycle;
        ASSERT_EQ(sum(*slices, k, p), values[static_cast<size_t>(k * kPp + p)]) << cycle;
      }
    due.pop_front();
  }
  EXPECT_GT(compared, 300'000);
}

// The bound of a chain's low lane, in both forms: 8 products of -128 and -127 fit it. Of -128 and -128 they
// do not: the lane wraps round, and the sum beside it is 1 too many for each chain.
TEST(PwArray, WeightsOfMinus128OverflowIntoTheNeighbour) {
  for (const int weight : {-127, -128}) {
    rtl::Module<Vpw_array> plain(1);
    rtl::Module<Vpw_array_dsp> slices(1);
    Cycle one;
    one.valid = one.first = one.last = true;
    for (auto& row : one.operands) std::fill(std::begin(row), std::end(row), int8_t{-128});
    for (auto& row : one.weights) std::fill(std::begin(row), std::end(row), static_cast<int8_t>(weight));
    plain->rst_ni = slices->rst_ni = 1;
    drive(*plain, std::deque<Cycle>(kChain, one));
    drive(*slices, std::deque<Cycle>(kChain, one));
    for (int cycle = 0; cycle < 2 * kLatency; ++cycle) {
      plain.clock();
      slices.clock();
    }
    const int exact = kPc * -128 * weight, chains = kPc / kChain;
    for (int k = 0; k < kPk; ++k) {
      const int lane = weight == -127 ? exact : -exact + (k % 2 ? chains : 0);
      EXPECT_EQ(sum(*plain, k, 0), lane) << k;
      EXPECT_EQ(sum(*slices, k, 0), lane) << k;
    }
  }
}

}  // namespace
}  // namespace dsode
