#include "Vresults.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr size_t kLanes = 4, kWords = 4;
constexpr int kPatience = 8;  // cycles without a beat

class Results {
 public:
  Results(uint64_t seed, Random& random) : top_(seed), random_(random) {
    top_->we_i = top_->send_i = 0;
    top_.reset();
  }

  void fill() {
    scores_.resize(1 + random_.below(kWords * kLanes));
    for (uint32_t& score : scores_) score = static_cast<uint32_t>(random_.bits(32));
    for (size_t word = 0; word * kLanes < scores_.size(); ++word) {
      top_->we_i = 1;
      top_->waddr_i = static_cast<uint32_t>(word);
      for (size_t l = 0; l < kLanes; ++l)
        top_->wdata_i[l] = word * kLanes + l < scores_.size() ? scores_[word * kLanes + l] : 0xdead;
      idle();
    }
    top_->we_i = 0;
  }

  // Takes the first `beats` of an image's scores.
  void send(size_t beats) {
    top_->classes_i = static_cast<uint16_t>(scores_.size());
    top_->send_i = 1;
    idle();
    top_->send_i = 0;
    int waited = 0;
    for (size_t i = 0; i < beats;) {
      top_->m_axis_tready_i = !random_.one_in(3);
      top_.settle();
      ASSERT_TRUE(top_->busy_o) << i;
      const bool last = i + 1 == scores_.size(), taken = top_->m_axis_tvalid_o && top_->m_axis_tready_i;
      ASSERT_EQ(top_->done_o, taken && last) << i;
      if (top_->m_axis_tvalid_o) {
        ASSERT_EQ(top_->m_axis_tdata_o, scores_[i]) << i;
        ASSERT_EQ(top_->m_axis_tlast_o, last) << i;
      } else {
        ASSERT_FALSE(offered_) << "a beat was offered and withdrawn";
        ASSERT_LT(++waited, kPatience);
      }
      offered_ = top_->m_axis_tvalid_o && !taken;
      if (taken) ++i, waited = 0;
      top_.clock();
    }
  }

  // Neither busy nor a beat.
  void idle() {
    top_->m_axis_tready_i = random_.one_in(2);
    top_.settle();
    ASSERT_FALSE(top_->busy_o || top_->m_axis_tvalid_o || top_->done_o);
    top_.clock();
  }
  void reset() {
    top_.reset();
    offered_ = false;
  }
  size_t classes() const { return scores_.size(); }

 private:
  Module<Vresults> top_;
  Random& random_;
  std::vector<uint32_t> scores_;
  bool offered_ = false;
};

TEST(Results, SendsEveryScoreOnceWhateverTheHostDoes) {
  for_seeds(50, [](uint64_t seed, Random& random) {
    Results results(seed, random);
    for (int image = 0; image < 20; ++image) {
      ASSERT_NO_FATAL_FAILURE(results.fill());
      const bool cut = random.one_in(4);
      ASSERT_NO_FATAL_FAILURE(results.send(cut ? random.below(results.classes()) : results.classes()))
          << image;
      if (cut) results.reset();
      for (uint64_t cycles = random.below(4); cycles > 0; --cycles) ASSERT_NO_FATAL_FAILURE(results.idle());
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
