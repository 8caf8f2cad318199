#include "accel/sim_core.h"

#include <algorithm>

#include "accel/simulated_targets.h"
#include "base/error.h"

namespace dsode::accel {

std::vector<std::string> simulated_targets() {
  std::vector<std::string> names;
  for (const SimulatedTarget& target : kSimulatedTargets) names.push_back(target.name);
  return names;
}

std::unique_ptr<SimCore> make_sim_core(const std::string& target, uint64_t seed) {
  const auto found = std::ranges::find(kSimulatedTargets, target, &SimulatedTarget::name);
  if (found == kSimulatedTargets.end())
    throw bad_input(fmt::format("target {} is not among those that can be simulated", target),
                    fmt::format("these can: {}", fmt::join(simulated_targets(), ", ")));
  return found->make(seed);
}

}  // namespace dsode::accel
