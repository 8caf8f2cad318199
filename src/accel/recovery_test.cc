// After damaged images and models and after resets at any cycle, the next run is exact.
#include "accel/protocol_fixture.h"
#include "base/rng.h"

namespace dsode::accel {
namespace {

class Recovery : public Bench {};

class DamagedImage : public Bench {
 protected:
  // Three images, the one at `place` damaged; what register Errors says.
  uint32_t run_with(const Case& model, size_t place, int64_t beats) {
    for (size_t i = 0; i <= place; ++i) {
      std::vector<uint32_t> image = model.images[i];
      if (i == place) image.resize(static_cast<size_t>(int64_t(image.size()) + beats), 0x11223344);
      simulation->send(image);
    }
    simulation->wait();
    simulation->idle(20);
    simulation->discard();  // of scores that were cut short
    return simulation->read(Reg::kErrors);
  }
};

// The first image, the second one while the first is computed, the third one while the second waits.
TEST_F(DamagedImage, EndsTheRunAndTheNextOneIsExact) {
  const Case& model = small();
  const auto size = static_cast<int64_t>(model.images[0].size());
  driver->load(model.packet);
  for (const double stall : {0.0, 0.4})
    for (size_t place = 0; place < 3; ++place)
      for (const int64_t beats : {1 - size, -size / 2, int64_t{-1}, int64_t{1}, int64_t{3}, int64_t{50}}) {
        SCOPED_TRACE(fmt::format("image {}, {} beats more, stalls {}", place, beats, stall));
        simulation->stall(stall);
        start(3);
        const uint32_t error = beats < 0 ? kErrorImageEarly : kErrorImageLate;
        EXPECT_EQ(run_with(model, place, beats), error);
        EXPECT_EQ(status(), kModelValid);
        EXPECT_LT(simulation->read(Reg::kDone), 3U);
        EXPECT_EQ(simulation->read(Reg::kIrqStatus) & kIrqError, kIrqError);
        EXPECT_EQ(errors(), error);
        simulation->write(Reg::kIrqStatus, kIrqDone | kIrqError);
        expect_runs(model);
      }
  expect_works(large());
  expect_works(model);
}

TEST_F(DamagedImage, BeforeTheStartIsFoundToo) {
  const Case& model = small();
  driver->load(model.packet);
  for (const int64_t beats : {int64_t{-2}, int64_t{2}}) {
    EXPECT_EQ(run_with(model, 1, beats), beats < 0 ? kErrorImageEarly : kErrorImageLate);
    EXPECT_EQ(status(), kModelValid);
    errors();
    expect_runs(model);
  }
}

TEST_F(DamagedImage, WhileTheHostTakesNoScoresEndsTheRun) {
  const Case& model = small();
  driver->load(model.packet);
  simulation->hold(true);
  start(3);
  simulation->send(model.images[0]);
  simulation->idle(20'000);
  EXPECT_EQ(run_with(model, 0, -1), kErrorImageEarly);
  EXPECT_EQ(errors(), kErrorImageEarly);
  EXPECT_EQ(status(), kModelValid);
  simulation->hold(false);
  simulation->idle(20);
  simulation->discard();
  expect_runs(model);
}

TEST_F(DamagedImage, IsAnErrorOfTheDriverAndTheNextRunIsExact) {
  const Case& model = small();
  interrupts(true);
  driver->load(model.packet);
  for (const size_t place : {0U, 2U, 4U}) {
    std::vector<std::vector<uint32_t>> images = model.images;
    images[place].pop_back();
    EXPECT_TRUE(says(failure_of([&] { driver->run(images); }), "ended early"));
    expect_runs(model);
    images[place].resize(images[place].size() + 9);
    EXPECT_TRUE(says(failure_of([&] { driver->run(images); }), "did not end in time"));
    expect_runs(model);
  }
}

TEST_F(Recovery, ADamagedModelIsAnErrorOfTheDriverAndTheNextOneIsTaken) {
  interrupts(true);
  driver->load(large().packet);
  for (const size_t at : {size_t{0}, size_t{2}, size_t{200}, small().packet.size() - 1}) {
    std::vector<uint32_t> packet = small().packet;
    packet[at] ^= 1;
    EXPECT_TRUE(says(failure_of([&] { driver->load(packet); }), "accelerator: a model")) << at;
    EXPECT_TRUE(says(failure_of([&] { driver->run(small().images); }), "without a model"));
    expect_works(small());
  }
}

// --- soft reset

// A reset after `cycles` of loading `model`; what comes next is exact.
TEST_F(Recovery, AResetInsideOfALoadLosesTheModel) {
  const Case& model = small();
  Rng rng(3, Stream::kSample);
  expect_works(large());
  for (int i = 0; i < 25; ++i) {
    const uint64_t cycles = rng.below(model.packet.size() + 20);
    SCOPED_TRACE(cycles);
    control(kLoad);
    simulation->send(model.packet);
    simulation->idle(cycles);
    simulation->discard();
    const bool loaded = status() == kModelValid;
    EXPECT_EQ(loaded, cycles >= model.packet.size() + 1);
    driver->reset();
    EXPECT_EQ(status(), loaded ? kModelValid : 0U);
    loaded ? expect_runs(model) : expect_no_model();
    expect_works(model);
  }
}

// Images on their way, the array and the scores are all cut at some of these cycles; the run that follows at
// once is exact.
TEST_F(Recovery, AResetAtAnyCycleOfARunLeavesTheModel) {
  const Case& model = small();
  expect_works(model);
  const uint64_t whole = simulation->received_at().back() - simulation->sent_at().back() + 100;
  Rng rng(4, Stream::kSample);
  constexpr int kTries = 120;
  for (int i = 0; i < kTries; ++i) {
    const uint64_t cycles = rng.below(whole);
    SCOPED_TRACE(fmt::format("try {}, {} cycles", i, cycles));
    simulation->stall(i % 4 == 3 ? 0.3 : 0);
    simulation->hold(i % 8 == 5);
    start(2);
    for (int k = 0; k < 2; ++k) simulation->send(model.images[unsigned(k)]);
    simulation->idle(cycles);
    simulation->discard();
    control(kReset);
    simulation->discard();
    simulation->hold(false);
    control(kStart);
    EXPECT_EQ(status(), kBusy | kModelValid);
    for (int k = 0; k < 2; ++k) simulation->send(model.images[unsigned(k)]);
    expect_scores(model, 2);
    EXPECT_EQ(status(), kModelValid);
    EXPECT_EQ(errors(), 0U);
  }
}

TEST_F(Recovery, AResetEndsAnImageThatIsSwallowed) {
  const Case& model = small();
  driver->load(model.packet);
  std::vector<uint32_t> endless = model.images[0];
  endless.resize(2 * endless.size());
  simulation->send(endless, false);
  simulation->wait();
  EXPECT_EQ(errors(), kErrorImageLate);
  EXPECT_EQ(status(), kReceiving | kModelValid);
  driver->reset();
  EXPECT_EQ(status(), kModelValid);
  expect_runs(model);
}

}  // namespace
}  // namespace dsode::accel
