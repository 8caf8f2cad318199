// For tests: models with their images and scores as an accelerator sees them, and one to run them on.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <optional>
#include <set>

#include "accel/compile.h"
#include "accel/driver.h"
#include "accel/packet.h"
#include "accel/simulation.h"
#include "base/error.h"
#include "base/fixture.h"
#include "quant/golden.h"
#include "quant/vectors.h"

namespace dsode::accel {

struct Case {
  uint64_t seed = 0;  // of make_vector
  ir::integer::Graph model;
  Program program;
  std::vector<uint32_t> packet;
  std::vector<std::vector<uint32_t>> images;
  Scores scores;
};

// Throws bad_input where the model does not fit.
inline Case make_case(const ir::integer::Graph& model, const data::Images& images, const Target& target) {
  Case made{0, model, compile(model, target), {}, image_packets(images), {}};
  made.packet = model_packet(made.program);
  quant::Golden golden(model);
  for (int i = 0; i < images.n; ++i) {
    made.scores.emplace_back(static_cast<size_t>(made.program.classes));
    golden.run(images[i], made.scores.back());
  }
  return made;
}

// The generated model of the least size, of those whose images have at least 3 different scores, that has at
// least `bytes` an image and `beats` in its packet.
inline Case find_case(const Target& target, size_t bytes, size_t beats) {
  constexpr uint64_t kSeeds = 600;
  std::optional<uint64_t> best;
  size_t size = SIZE_MAX;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const quant::Vector vector = quant::make_vector(seed);
    if (vector.model.spec.input.size() < bytes) continue;
    try {
      const std::vector<uint32_t> packet = model_packet(compile(vector.model, target));
      if (packet.size() < beats || packet.size() >= size) continue;
      const Case made = make_case(vector.model, vector.images, target);
      if (std::set(made.scores.begin(), made.scores.end()).size() < 3) continue;
      size = packet.size(), best = seed;
    } catch (const Error&) {
      continue;
    }
  }
  DSODE_CHECK(best.has_value());
  const quant::Vector vector = quant::make_vector(*best);
  Case found = make_case(vector.model, vector.images, target);
  found.seed = *best;
  return found;
}

// `packet` with the CRC-32 of what it holds now.
inline std::vector<uint32_t> sealed(std::vector<uint32_t> packet) {
  packet.pop_back();
  packet.push_back(
      static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(packet.data()), 4 * packet.size())));
  return packet;
}

// Without interrupts, so that what is sent is taken to its end.
class Bench : public ::testing::Test {
 public:
  static constexpr const char* kTarget = "grid-4x4x1";

  static const Target& target() {
    static const Target target = load_target(kTarget);
    return target;
  }
  static const Case& small() {
    static const Case made = find_case(target(), 60, 400);
    return made;
  }
  static const Case& large() {
    static const Case made = find_case(target(), 200, 1200);
    return made;
  }

  void start_over(const SimulationOptions& options) {
    simulation = std::make_unique<Simulation>(kTarget, options);
    driver = std::make_unique<Driver>(*simulation, target());
    interrupts(false);
  }
  void SetUp() override { start_over({}); }

  void interrupts(bool on) { simulation->write(Reg::kIrqEnable, on ? kIrqDone | kIrqError : 0); }
  void control(uint32_t bits) { simulation->write(Reg::kControl, bits); }
  void start(uint32_t images) {
    simulation->write(Reg::kImages, images);
    control(kStart);
  }
  uint32_t status() { return simulation->read(Reg::kStatus); }
  // What register Errors says; it is cleared.
  uint32_t errors() {
    const uint32_t found = simulation->read(Reg::kErrors);
    simulation->write(Reg::kErrors, found);
    return found;
  }
  // What a load of the packet ends in.
  uint32_t load(std::span<const uint32_t> packet, bool last = true) {
    control(kLoad);
    simulation->send(packet, last);
    simulation->wait();
    return errors();
  }
  void expect_no_model() {
    EXPECT_EQ(status(), 0U);
    control(kStart);
    EXPECT_EQ(errors(), kErrorStartWithoutModel);
    EXPECT_EQ(status(), 0U);
  }
  void expect_runs(const Case& model) {
    EXPECT_EQ(driver->run(model.images), model.scores);
    EXPECT_EQ(status(), kModelValid);
    EXPECT_EQ(errors(), 0U);
  }
  void expect_works(const Case& model) {
    driver->load(model.packet);
    expect_runs(model);
  }

  std::vector<int32_t> scores() {
    const std::vector<uint32_t> packet = simulation->receive();
    return {packet.begin(), packet.end()};
  }
  // The next `n` are those of the first images.
  void expect_scores(const Case& model, size_t n) {
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(scores(), model.scores[i]) << "image " << i;
  }
  // What the driver's error says.
  template <class Work>
  static std::string failure_of(const Work& work) {
    try {
      work();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::kFailed) << e.what();
      return e.what();
    }
    ADD_FAILURE() << "no error was thrown";
    return "";
  }

  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<Driver> driver;
};

}  // namespace dsode::accel
