#include <functional>

#include "Vsequencer.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

constexpr int kPatience = 10;  // cycles in which nothing works
constexpr uint32_t kAll = 0xfffff;
using accel::Descriptor;
using accel::Destination;
using accel::Source;

// Numbers that make descriptors differ; the sequencer looks at few of them.
Descriptor make_descriptor(Random& random) {
  Descriptor d;
  d.src = static_cast<uint32_t>(1 + random.below(2));
  d.dst = static_cast<uint32_t>(random.below(3));
  d.window = static_cast<uint32_t>(random.below(3));
  const uint64_t least = d.window == uint32_t(accel::Window::kPool) ? 1 : 2;
  d.width = static_cast<uint32_t>(least + random.below(100));
  d.height = static_cast<uint32_t>(least + random.below(100));
  d.pixels = d.pixels_out = static_cast<uint32_t>(1 + random.below(1000));
  d.groups_in = static_cast<uint32_t>(1 + random.below(32));
  d.groups_out = static_cast<uint32_t>(1 + random.below(32));
  d.channel_tiles = static_cast<uint32_t>(1 + random.below(32));
  d.column_tiles = static_cast<uint32_t>(1 + random.below(32));
  d.affine_shift = static_cast<uint32_t>(random.value(0, 39));
  d.depthwise_shift = static_cast<uint32_t>(random.value(0, 39));
  d.param_shift = static_cast<uint32_t>(random.value(0, 39));
  d.src_base = static_cast<uint32_t>(random.bits(20));
  d.pad = static_cast<uint32_t>(random.bits(24));
  return d;
}

std::vector<Descriptor> make_program(Random& random) {
  std::vector<Descriptor> passes(1 + random.below(6));
  for (Descriptor& d : passes) d = make_descriptor(random);
  passes.front().src = uint32_t(Source::kImage);
  passes.back().dst = uint32_t(Destination::kScores);
  passes.back().last = 1;
  return passes;
}

// A unit of the datapath: works on a pass for a while.
struct Unit {
  int64_t pass = -1;  // of all images'
  uint64_t left = 0;  // cycles
};

class Sequencer {
 public:
  Sequencer(uint64_t seed, Random& random) : top_(seed), random_(random) { reset(); }

  void reset() {
    top_->start_i = 0;
    top_->load_i = 0;
    top_.reset();
    front_ = back_ = {};
    released_ = done_ = 0;
  }

  void load(const std::vector<Descriptor>& passes) {
    passes_ = passes;
    for (size_t i = 0; i < passes.size(); ++i) {
      const std::vector<uint32_t> parts = accel::pack(passes[i]);
      for (size_t part = 0; part < parts.size(); ++part) {
        top_->load_i = load_word(accel::Memory::kDescriptor, part, i, parts[part]);
        top_.clock();
        top_->load_i = load_word(accel::Memory::kTime, part, i, ~parts[part]);  // another memory's
        top_.clock();
      }
    }
    top_->load_i = 0;
  }

  // All images, or the first cycles; ends where a descriptor is refused. Whether none was.
  bool run(int64_t images, uint64_t cycles) {
    top_->start_i = 1;
    top_->images_i = static_cast<uint16_t>(images);
    cycle();
    top_->start_i = 0;
    const auto passes = static_cast<int64_t>(passes_.size());
    int quiet = 0;
    while (cycles-- > 0 && done_ < images) {
      cycle();
      if (testing::Test::HasFailure() || top_->bad_descriptor_o) return false;
      quiet = front_.left || back_.left || top_->results_busy_i ? 0 : quiet + 1;
      EXPECT_LT(quiet, kPatience) << "hangs at pass " << front_.pass;
    }
    if (done_ < images) return true;
    for (int i = 0; i < kPatience; ++i) cycle();
    EXPECT_EQ(front_.pass, images * passes - 1) << "more than it was asked for";
    EXPECT_EQ(released_, images);
    EXPECT_EQ(done_, images);
    return true;
  }
  int64_t front_pass() const { return front_.pass; }
  void forget() { front_ = back_ = {}, released_ = done_ = 0; }

 private:
  void cycle() {
    if (random_.one_in(5)) top_->results_busy_i = random_.one_in(3);
    top_->front_busy_i = front_.left > 0;
    top_->back_busy_i = back_.left > 0;
    top_->written_i = static_cast<uint32_t>(random_.below(1000));
    top_->image_pixels_i = static_cast<uint32_t>(1000 + random_.below(1000));
    top_.settle();
    check(front_, top_->front_start_o, top_->front_desc_o, top_->front_pass_o);
    check(back_, top_->back_start_o, top_->back_desc_o, top_->back_pass_o);
    if (top_->front_start_o) EXPECT_LE(front_.pass, back_.pass + 1) << "more than one pass ahead";
    if (top_->back_start_o) EXPECT_LE(back_.pass, front_.pass);
    if (top_->back_start_o && is_scores(back_.pass)) EXPECT_FALSE(results_were_busy_);
    if (top_->front_start_o || front_.left) check_readable();
    check_ends();
    results_were_busy_ = top_->results_busy_i || top_->scores_done_o;  // busy from the next cycle
    // The front ends after the back of the pass before, the back after the front of its own.
    if (top_->front_start_o)
      front_.left = 1 + random_.below(12);
    else if (front_.left > 1 || (front_.left && (back_.pass == front_.pass || !back_.left)))
      --front_.left;
    if (top_->back_start_o)
      back_.left = 1 + random_.below(12);
    else if (back_.left > 1 || (back_.left && !(front_.pass == back_.pass && front_.left)))
      --back_.left;
    top_.clock();
  }

  template <class Port>
  void check(Unit& unit, bool starts, const Port& port, int pass) {
    if (starts) {
      EXPECT_EQ(unit.left, 0U);
      ++unit.pass;
    }
    if (!starts && !unit.left) return;
    const size_t index = static_cast<size_t>(unit.pass) % passes_.size();
    EXPECT_EQ(pass, index);
    const std::vector<uint32_t> parts = accel::pack(passes_[index]);
    for (size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(port[i], parts[i]) << i;
  }

  // While the back writes the front's source, no more than that.
  void check_readable() {
    const bool image = front_.pass % int64_t(passes_.size()) == 0,
               written_now = back_.pass < front_.pass && back_.left;
    if (image)
      EXPECT_EQ(top_->readable_o, top_->image_pixels_i);
    else if (written_now)
      EXPECT_EQ(top_->readable_o, top_->written_i);
    else if (back_.pass == front_.pass)
      EXPECT_EQ(top_->readable_o, kAll);
    else
      EXPECT_TRUE(top_->readable_o == top_->written_i || top_->readable_o == kAll);
  }

  // One release for an image that has left the front, one end of scores for one that has left the back.
  void check_ends() {
    const auto passes = static_cast<int64_t>(passes_.size());
    released_ += top_->image_release_o;
    done_ += top_->scores_done_o;
    const bool front_works = top_->front_start_o || front_.left,
               back_works = top_->back_start_o || back_.left;
    const int64_t read = (front_.pass - front_works + passes) / passes,
                  given = (back_.pass - back_works + 1) / passes;
    EXPECT_LE(released_, read);
    EXPECT_LE(done_, given);
    if (top_->front_start_o) EXPECT_EQ(released_, read);
    if (top_->back_start_o) EXPECT_EQ(done_, given);
  }

  bool is_scores(int64_t pass) const { return (pass + 1) % int64_t(passes_.size()) == 0; }

  Module<Vsequencer> top_;
  Random& random_;
  std::vector<Descriptor> passes_;
  Unit front_, back_;
  int64_t released_ = 0, done_ = 0;
  bool results_were_busy_ = false;
};

TEST(Sequencer, HandsEveryPassToFrontAndBackInTurn) {
  for_seeds(60, [](uint64_t seed, Random& random) {
    Sequencer sequencer(seed, random);
    for (int i = 0; i < 6 && !testing::Test::HasFailure(); ++i) {
      if (i % 2 == 0) sequencer.load(make_program(random));
      const bool cut = random.one_in(3);
      EXPECT_TRUE(sequencer.run(random.between(1, 4), cut ? random.below(60) : 100'000));
      cut ? sequencer.reset() : sequencer.forget();
    }
  });
}

// Every field that could hang the units; what comes before is run, and after a reset a good program is.
TEST(Sequencer, RefusesWhatNoCompilerWrites) {
  const std::vector<std::function<void(Descriptor&)>> faults{
      [](Descriptor& d) { d.src = 3; },
      [](Descriptor& d) { d.window = 3; },
      [](Descriptor& d) { d.groups_in = 0; },
      [](Descriptor& d) { d.groups_out = 0; },
      [](Descriptor& d) { d.groups_in = 33; },
      [](Descriptor& d) { d.groups_out = 33; },
      [](Descriptor& d) { d.channel_tiles = 0; },
      [](Descriptor& d) { d.column_tiles = 0; },
      [](Descriptor& d) { d.pixels = 0; },
      [](Descriptor& d) { d.pixels_out = 0; },
      [](Descriptor& d) { d.window = 0, d.width = 1; },
      [](Descriptor& d) { d.window = 1, d.height = 1; },
      [](Descriptor& d) { d.affine_shift = 40; },
      [](Descriptor& d) { d.depthwise_shift = 40; },
      [](Descriptor& d) { d.param_shift = 40; },
  };
  for_seeds(10, [&](uint64_t seed, Random& random) {
    Sequencer sequencer(seed, random);
    for (size_t fault = 0; fault < faults.size() && !testing::Test::HasFailure(); ++fault) {
      std::vector<Descriptor> program = make_program(random);
      const size_t at = random.below(program.size());
      faults[fault](program[at]);
      sequencer.load(program);
      EXPECT_FALSE(sequencer.run(1, 10'000)) << "fault " << fault;
      EXPECT_EQ(sequencer.front_pass(), int64_t(at) - 1) << "fault " << fault;
      sequencer.reset();
      sequencer.load(make_program(random));
      EXPECT_TRUE(sequencer.run(2, 10'000)) << "fault " << fault;
      sequencer.forget();
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
