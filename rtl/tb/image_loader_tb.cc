#include "Vimage_loader.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr int kPatience = 12;  // cycles in which a beat and a buffer wait for each other

enum class Damage { kNone, kEarly, kLate };

class Loader {
 public:
  Loader(uint64_t seed, Random& random) : top_(seed), random_(random) {
    reset();
    configure();
  }

  // Another model: images of another size.
  void configure() {
    pixels_ = 1 + random_.below(30);
    channels_ = random_.one_in(2) ? 3 : 1;
    beats_ = (pixels_ * channels_ + 3) / 4;
    top_->pixels_i = static_cast<uint32_t>(pixels_);
    top_->colour_i = channels_ == 3;
    top_->beats_i = static_cast<uint32_t>(beats_);
  }

  void reset() {
    top_->tvalid_i = top_->release_i = top_->abort_i = top_->enable_i = 0;
    top_.reset();
    forget();
    open_ = inside_ = swallows_ = false;
    error_ = Damage::kNone;
  }

  // The beats of one packet; `stop` of them, if it has as many.
  void send(Damage damage, size_t stop) {
    size_t beats = beats_;
    if (damage == Damage::kEarly) beats -= std::min<size_t>(beats - 1, 1 + random_.below(4));
    if (damage == Damage::kLate) beats += 1 + random_.below(6);
    for (size_t i = 0; i < std::min(beats, stop);) {
      const bool taken = cycle(static_cast<uint32_t>(random_.bits(32)), i + 1 == beats);
      if (testing::Test::HasFailure()) return;
      i += taken;
    }
  }
  void idle(uint64_t cycles) {
    while (cycles-- > 0) cycle({}, false);
  }
  size_t beats() const { return beats_; }
  void slow(uint64_t release) { pace_ = release; }

 private:
  using Image = std::vector<uint32_t>;  // pixels

  void forget() {
    written_.clear();
    bytes_.clear();
    complete_ = 0;
    due_ = write_ = 0;
    received_ = 0;
  }

  // One cycle with a beat to offer, or none. Whether it was taken.
  bool cycle(std::optional<uint32_t> beat, bool last) {
    top_->tvalid_i = beat && !random_.one_in(4);
    top_->tdata_i = beat.value_or(0);
    top_->tlast_i = last;
    top_->enable_i = !random_.one_in(8);
    top_->release_i = complete_ > 0 && random_.one_in(pace_);
    top_->abort_i = 0;
    top_.settle();
    EXPECT_EQ(top_->early_error_o, error_ == Damage::kEarly);
    EXPECT_EQ(top_->late_error_o, error_ == Damage::kLate);
    // The core drops all images with an error, and sometimes without one.
    top_->abort_i = error_ != Damage::kNone || random_.one_in(300);
    if (top_->abort_i) top_->release_i = 0;
    top_.settle();
    EXPECT_EQ(top_->busy_o, inside_ || swallows_);
    EXPECT_EQ(top_->buffer_o, due_);
    EXPECT_EQ(top_->readable_o, complete_ > 0 ? pixels_ : written_.size());
    const bool taken = top_->tvalid_i && top_->tready_o;
    if (swallows_)
      EXPECT_TRUE(top_->tready_o);
    else if (complete_ == 2 || top_->abort_i || !top_->enable_i)
      EXPECT_FALSE(top_->tready_o);
    const bool stuck = top_->tvalid_i && !taken && complete_ < 2 && top_->enable_i && !top_->we_o;
    waited_ = stuck ? waited_ + 1 : 0;
    EXPECT_LT(waited_, kPatience);
    error_ = Damage::kNone;
    step(taken, last);
    top_.clock();
    return taken;
  }

  void step(bool taken, bool last) {
    if (taken) open_ = !last;
    if (top_->abort_i) {
      swallows_ = open_;
      inside_ = false;
      forget();
      return;
    }
    if (top_->we_o) write();
    if (top_->release_i) --complete_, due_ = !due_;
    if (!taken) return;
    if (swallows_) {
      swallows_ = !last;
      return;
    }
    for (size_t b = 0; b < 4; ++b) bytes_.push_back(static_cast<uint8_t>(top_->tdata_i >> 8 * b));
    ++received_;
    inside_ = true;
    if (last && received_ < beats_) error_ = Damage::kEarly;
    if (!last && received_ == beats_) error_ = Damage::kLate, swallows_ = true;
  }

  // A pixel goes out: the next one, of bytes that are there, to the buffer that is free.
  void write() {
    const size_t at = written_.size();
    ASSERT_LE((at + 1) * channels_, bytes_.size()) << "a pixel before its bytes";
    ASSERT_LT(complete_, 2U);
    EXPECT_EQ(top_->waddr_o, at);
    EXPECT_EQ(top_->wbuffer_o, write_);
    for (size_t c = 0; c < channels_; ++c)
      EXPECT_EQ(top_->pixel_o >> 8 * c & 0xff, bytes_[at * channels_ + c]);
    written_.push_back(top_->pixel_o);
    if (written_.size() < pixels_) return;
    written_.clear();
    bytes_.clear();
    received_ = 0;
    inside_ = false;
    write_ = !write_;
    ++complete_;
  }

  Module<Vimage_loader> top_;
  Random& random_;
  size_t pixels_ = 0, channels_ = 0, beats_ = 0;
  uint64_t pace_ = 10;                // of the releases
  Image written_;                     // of the image that comes in
  std::vector<uint8_t> bytes_;        // of it
  size_t received_ = 0;               // its beats
  size_t complete_ = 0;               // images in the buffers
  bool due_ = false, write_ = false;  // buffers
  bool open_ = false;                 // the stream is in a packet
  bool inside_ = false, swallows_ = false;
  Damage error_ = Damage::kNone;  // to be seen in the next cycle
  int waited_ = 0;
};

TEST(ImageLoader, WritesEveryPixelOfWholeImagesAndDropsTheRest) {
  for_seeds(100, [](uint64_t seed, Random& random) {
    Loader loader(seed, random);
    for (int packet = 0; packet < 60 && !testing::Test::HasFailure(); ++packet) {
      SCOPED_TRACE("packet " + std::to_string(packet));
      loader.slow(1 + random.below(60));
      const bool cut = random.one_in(10);
      const auto damage = random.one_in(3) ? static_cast<Damage>(1 + random.below(2)) : Damage::kNone;
      loader.send(damage, cut ? random.below(loader.beats()) : SIZE_MAX);
      loader.idle(random.below(8));
      if (!cut) continue;
      loader.reset();
      loader.configure();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
