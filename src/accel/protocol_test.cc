// The accelerator seen from its registers and streams: commands in and out of turn, interrupts, counters.
#include <set>

#include "accel/cycle_model.h"
#include "accel/protocol_fixture.h"

namespace dsode::accel {
namespace {

class Protocol : public Bench {};

TEST_F(Protocol, NothingIsThereAfterPowerUpWhateverTheRegistersHold) {
  for (uint64_t seed = 1; seed <= 64; ++seed) {
    start_over({.seed = seed, .stall = 0, .wave = {}});
    EXPECT_EQ(status(), 0U) << seed;
    EXPECT_EQ(errors(), 0U) << seed;
    EXPECT_EQ(simulation->read(Reg::kIrqStatus), 0U) << seed;
    EXPECT_EQ(simulation->read(Reg::kDone), 0U) << seed;
  }
}

TEST_F(Protocol, ScoresDoNotDependOnWhatRegistersHeld) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    start_over({.seed = seed, .stall = 0, .wave = {}});
    expect_works(small());
  }
}

// --- commands out of turn

TEST_F(Protocol, AStartWithoutAModelIsRefused) {
  expect_no_model();
  expect_works(small());
}

TEST_F(Protocol, AStartOfNoImagesDoesNothing) {
  driver->load(small().packet);
  start(0);
  simulation->idle(20);
  EXPECT_EQ(status(), kModelValid);
  expect_runs(small());
}

TEST_F(Protocol, AStartWhileBusyIsRefusedAndTheRunGoesOn) {
  driver->load(small().packet);
  start(2);
  start(1);
  EXPECT_EQ(errors(), kErrorStartBusy);
  simulation->send(small().images[0]);
  simulation->idle(50);
  control(kStart);
  EXPECT_EQ(errors(), kErrorStartBusy);
  simulation->send(small().images[1]);
  expect_scores(small(), 2);
  EXPECT_EQ(simulation->read(Reg::kDone), 2U);
  EXPECT_EQ(status(), kModelValid);
}

TEST_F(Protocol, ALoadWhileBusyIsRefusedAndTheRunGoesOn) {
  driver->load(small().packet);
  start(1);
  control(kLoad);
  EXPECT_EQ(errors(), kErrorLoadBusy);
  EXPECT_EQ(status(), kBusy | kModelValid);
  simulation->send(small().images[0]);
  expect_scores(small(), 1);
  expect_runs(small());
}

TEST_F(Protocol, AStartOrALoadWhileLoadingIsRefusedAndTheLoadGoesOn) {
  control(kLoad);
  simulation->send(std::span(small().packet).first(50), false);
  simulation->wait();
  control(kStart);
  EXPECT_EQ(errors(), kErrorStartBusy);
  control(kLoad);
  EXPECT_EQ(errors(), kErrorLoadBusy);
  EXPECT_EQ(status(), kLoading);
  simulation->send(std::span(small().packet).subspan(50), true);
  simulation->wait();
  expect_runs(small());
}

TEST_F(Protocol, ALoadInsideOfAnImageIsRefused) {
  driver->load(small().packet);
  const std::span image(small().images[0]);
  simulation->send(image.first(3), false);
  simulation->wait();
  EXPECT_EQ(status(), kReceiving | kModelValid);
  control(kLoad);
  EXPECT_EQ(errors(), kErrorLoadBusy);
  simulation->send(image.subspan(3), true);
  start(1);
  expect_scores(small(), 1);
  EXPECT_EQ(errors(), 0U);
}

TEST_F(Protocol, AStartAndALoadAtOnceIsAStart) {
  driver->load(small().packet);
  simulation->write(Reg::kImages, 1);
  control(kStart | kLoad);
  EXPECT_EQ(errors(), kErrorLoadBusy);
  simulation->send(small().images[0]);
  expect_scores(small(), 1);
  expect_runs(small());
}

// Whichever comes first: the image's beats are an image's or are no model, never lost or taken for more. An
// image of one beat ends where it begins.
TEST_F(Protocol, ALoadAsAnImageBeginsLeavesNothingBehind) {
  const quant::Vector vector = quant::make_vector(447);
  const Case tiny = make_case(vector.model, vector.images, target());
  ASSERT_EQ(tiny.images[0].size(), 1U);
  for (const Case* model : {&tiny, &small()})
    for (uint64_t cycles = 0; cycles < 8; ++cycles)
      for (const size_t more : {0U, 5U}) {
        SCOPED_TRACE(fmt::format("{} cycles, {} beats more", cycles, more));
        driver->load(model->packet);
        std::vector<uint32_t> image = model->images[0];
        image.resize(image.size() + more);
        simulation->send(image);
        simulation->idle(cycles);
        control(kLoad);
        simulation->wait();
        errors();
        if (!(status() & kLoading)) control(kLoad);
        simulation->send(model->packet);
        simulation->wait();
        EXPECT_EQ(errors(), 0U);
        expect_runs(*model);
      }
}

// --- registers

TEST_F(Protocol, AddressesWithoutARegisterAnswerWithAnError) {
  std::set<uint32_t> mapped;
  for (const Register& reg : kRegisters) mapped.insert(reg.address);
  const std::set<uint32_t> writable{uint32_t(Reg::kControl), uint32_t(Reg::kImages),
                                    uint32_t(Reg::kIrqEnable), uint32_t(Reg::kIrqStatus),
                                    uint32_t(Reg::kErrors)};
  for (uint32_t address = 0; address < 0x100; ++address) {
    bool error = false;
    const uint32_t before = simulation->read_address(address, error);
    EXPECT_EQ(error, !mapped.contains(address)) << address;
    simulation->write_address(address, 0, error);
    EXPECT_EQ(error, !writable.contains(address)) << address;
    if (!mapped.contains(address) || writable.contains(address)) continue;
    simulation->write_address(address, ~before, error);
    EXPECT_TRUE(error) << address;
    EXPECT_EQ(simulation->read_address(address, error), before) << address;
  }
  EXPECT_EQ(status(), 0U);
  EXPECT_EQ(errors(), 0U);
  expect_works(small());
}

TEST_F(Protocol, ErrorsStayUntilTheirOwnOneIsWritten) {
  control(kStart);
  EXPECT_EQ(load(std::span(small().packet).first(9)), kErrorStartWithoutModel | kErrorModelLength);
  control(kStart);
  control(kLoad);
  control(kLoad);
  constexpr uint32_t kBoth = kErrorStartWithoutModel | kErrorLoadBusy;
  EXPECT_EQ(simulation->read(Reg::kErrors), kBoth);
  simulation->write(Reg::kErrors, 0);
  EXPECT_EQ(simulation->read(Reg::kErrors), kBoth);
  simulation->write(Reg::kErrors, ~kErrorLoadBusy);
  EXPECT_EQ(simulation->read(Reg::kErrors), kErrorLoadBusy);
  simulation->write(Reg::kErrors, kErrorLoadBusy);
  EXPECT_EQ(errors(), 0U);
}

TEST_F(Protocol, AnInterruptIsRaisedOnlyWhereItIsEnabled) {
  control(kStart);
  simulation->idle(3);
  EXPECT_EQ(simulation->read(Reg::kIrqStatus), kIrqError);
  EXPECT_FALSE(simulation->interrupt());
  simulation->write(Reg::kIrqEnable, kIrqDone);
  simulation->idle(3);
  EXPECT_FALSE(simulation->interrupt());
  simulation->write(Reg::kIrqEnable, kIrqError);
  simulation->idle(3);
  EXPECT_TRUE(simulation->interrupt());
  simulation->write(Reg::kIrqStatus, kIrqDone);
  simulation->idle(3);
  EXPECT_TRUE(simulation->interrupt());
  simulation->write(Reg::kIrqStatus, kIrqError);
  simulation->idle(3);
  EXPECT_FALSE(simulation->interrupt());
  EXPECT_EQ(simulation->read(Reg::kIrqStatus), 0U);
}

TEST_F(Protocol, TheEndOfARunIsAnInterrupt) {
  driver->load(small().packet);
  simulation->write(Reg::kIrqEnable, kIrqDone);
  start(2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(simulation->interrupt());
    simulation->send(small().images[unsigned(i)]);
    EXPECT_EQ(scores(), small().scores[unsigned(i)]);
  }
  simulation->idle(2);
  EXPECT_TRUE(simulation->interrupt());
  EXPECT_EQ(simulation->read(Reg::kIrqStatus), kIrqDone);
  simulation->write(Reg::kIrqStatus, kIrqDone);
  simulation->idle(2);
  EXPECT_FALSE(simulation->interrupt());
}

TEST_F(Protocol, CountersAreThoseOfTheCycleModel) {
  for (const Case* model : {&small(), &large()}) {
    expect_works(*model);
    uint64_t multiply = 0;
    for (const PassCycles& pass : model_cycles(model->program).passes) multiply += pass.multiply;
    const Counters counters = driver->counters();
    EXPECT_EQ(counters.multiply, multiply * model->images.size());
    EXPECT_GT(counters.cycles, counters.multiply);
    EXPECT_LE(counters.cycles, simulation->received_at().back());
    EXPECT_GT(counters.back_operand, 0U);
    for (const uint32_t waits :
         {counters.front_source, counters.front_room, counters.back_operand + counters.back_drain})
      EXPECT_LT(waits, counters.cycles);
    EXPECT_EQ(simulation->read(Reg::kDone), model->images.size());
  }
}

// --- images

TEST_F(Protocol, ImagesBackToBackOrApartHaveTheirOwnScores) {
  expect_works(large());
  for (size_t i = 0; i < large().images.size(); ++i)
    EXPECT_EQ(driver->run({large().images[i]}).front(), large().scores[i]) << i;
}

TEST_F(Protocol, ScoresWaitForTheHost) {
  driver->load(small().packet);
  simulation->hold(true);
  start(3);
  for (int i = 0; i < 3; ++i) simulation->send(small().images[unsigned(i)]);
  simulation->idle(50'000);
  EXPECT_EQ(simulation->read(Reg::kDone), 0U);
  EXPECT_EQ(status() & kBusy, kBusy);
  simulation->hold(false);
  expect_scores(small(), 3);
  EXPECT_EQ(status(), kModelValid);
  EXPECT_EQ(errors(), 0U);
}

}  // namespace
}  // namespace dsode::accel
