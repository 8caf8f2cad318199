// The whole accelerator in simulation against the golden interpreter, through the driver.
#include <gtest/gtest.h>

#include "accel/compile.h"
#include "accel/driver.h"
#include "accel/layer_check.h"
#include "accel/packet.h"
#include "base/error.h"
#include "quant/vectors.h"

namespace dsode::accel {
namespace {

struct Tally {
  int models = 0;
  uint64_t elements = 0, differing = 0;
};

// Generated models whole, several images back to back, all maps compared.
Tally run_vectors(const std::string& name, uint64_t first, uint64_t last, double stall) {
  const Target target = load_target(name);
  Tally run;
  for (uint64_t seed = first; seed < last; ++seed) {
    const quant::Vector vector = quant::make_vector(seed);
    Program program;
    try {
      program = compile(vector.model, target);
    } catch (const Error&) {
      continue;  // larger than this target
    }
    ++run.models;
    LayerCheck check(program, vector.model);
    Simulation simulation(name, {.seed = seed, .stall = stall, .wave = {}});
    simulation.watch(&check);
    Driver driver(simulation, target);
    driver.load(model_packet(program));
    std::vector<std::vector<uint32_t>> packets;
    std::vector<std::vector<int32_t>> expected;
    const size_t bytes = program.input.size();
    for (int i = 0; i < vector.images.n; ++i) {
      const std::span pixels(vector.images.pixels.data() + bytes * unsigned(i), bytes);
      expected.push_back(check.expect(pixels));
      packets.push_back(image_packet(pixels));
    }
    EXPECT_EQ(driver.run(packets), expected) << "seed " << seed;
    EXPECT_TRUE(check.complete()) << "seed " << seed;
    for (const LayerResult& layer : check.results()) {
      EXPECT_EQ(layer.differing, 0U) << "seed " << seed << " " << layer.op;
      run.elements += layer.elements;
      run.differing += layer.differing;
    }
  }
  return run;
}

TEST(Top, RunsGeneratedModelsBitByBit) {
  const Tally run = run_vectors("grid-4x4x1", 0, 24, 0);
  EXPECT_GE(run.models, 10);
  EXPECT_GT(run.elements, 100'000U);
}

TEST(Top, RunsThemWithRandomStalls) { EXPECT_GE(run_vectors("grid-4x4x1", 24, 40, 0.3).models, 8); }

TEST(Top, RunsThemOnALargerArray) { EXPECT_GE(run_vectors("grid-16x16x1", 0, 24, 0.1).models, 10); }

}  // namespace
}  // namespace dsode::accel
