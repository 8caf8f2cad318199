// For tests: generated models through the whole accelerator in simulation.
#pragma once

#include <gtest/gtest.h>

#include "accel/compile.h"
#include "accel/driver.h"
#include "accel/layer_check.h"
#include "accel/packet.h"
#include "quant/vectors.h"

namespace dsode::accel {

// Models of seeds [first, last) on a target, their images back to back: scores and every map inside equal the
// golden interpreter's. The number of elements compared. `kind` is what is simulated other than the target's
// RTL: "-netlist", "-slices".
inline uint64_t run_vectors(const std::string& target_name, uint64_t first, uint64_t last, double stall,
                            const std::string& kind = "") {
  const Target target = load_target(target_name);
  uint64_t elements = 0;
  for (uint64_t seed = first; seed < last; ++seed) {
    SCOPED_TRACE(fmt::format("seed {} on {}", seed, target_name));
    const quant::Vector vector = quant::make_vector(seed);
    const Program program = compile(vector.model, target);
    LayerCheck check(program, vector.model);
    Simulation simulation(target_name + kind, {.seed = seed, .stall = stall, .wave = {}});
    simulation.watch(&check);
    Driver driver(simulation, target);
    driver.load(model_packet(program));
    Scores expected;
    for (int i = 0; i < vector.images.n; ++i) expected.push_back(check.expect(vector.images[i]));
    EXPECT_EQ(driver.run(image_packets(vector.images)), expected);
    EXPECT_TRUE(check.complete());
    for (const LayerResult& layer : check.results()) {
      EXPECT_EQ(layer.differing, 0U) << layer.op;
      elements += layer.elements;
    }
  }
  return elements;
}

}  // namespace dsode::accel
