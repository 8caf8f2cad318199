// The cycle model against the simulation, cycle for cycle where streams never wait.
#include "accel/cycle_model.h"

#include "accel/protocol_fixture.h"

namespace dsode::accel {
namespace {

// Checks the generated models that fit; how many there were.
int check_models(const std::string& name, uint64_t seeds) {
  const Target target = load_target(name);
  int models = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const quant::Vector vector = quant::make_vector(seed);
    Case model;
    try {
      model = make_case(vector.model, vector.images, target);
    } catch (const Error&) {
      continue;  // larger than this target
    }
    ++models;
    Simulation simulation(name, {});
    Driver driver(simulation, target);
    driver.load(model.packet);
    const CycleModel modelled = model_cycles(model.program);
    driver.run({model.images[0]});
    EXPECT_EQ(modelled.cycles, simulation.received_at().back() - simulation.sent_at().back() + 1)
        << "seed " << seed;
    driver.run(model.images);
    const std::vector<uint64_t>& ends = simulation.received_at();
    const size_t n = model.images.size();
    EXPECT_EQ(modelled.cycles_per_image * (n - 1), ends.back() - ends[ends.size() - n]) << "seed " << seed;
  }
  return models;
}

TEST(CycleModel, IsThatOfTheSimulation) { EXPECT_GE(check_models("grid-4x4x1", 60), 15); }

TEST(CycleModel, IsThatOfTheSimulationOfALargerArray) { EXPECT_GE(check_models("grid-16x16x1", 40), 15); }

}  // namespace
}  // namespace dsode::accel
