// How the driver reaches an accelerator: registers, one stream in, one stream out. Simulated (`Simulation`)
// or real.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "accel/registers.h"

namespace dsode::accel {

class Transport {
 public:
  virtual ~Transport() = default;
  // Throw failed where the bus answers with an error.
  virtual uint32_t read(Reg reg) = 0;
  virtual void write(Reg reg, uint32_t value) = 0;
  // One packet, its end marked. It may still be on its way when this returns.
  virtual void send(std::span<const uint32_t> beats) = 0;
  // The next packet from the accelerator; empty where an interrupt for an error came first.
  virtual std::vector<uint32_t> receive() = 0;
  // Until an interrupt is raised or all that was sent has been taken.
  virtual void wait() = 0;
  // Forgets what was sent and is still on its way, and what came and was not received.
  virtual void discard() = 0;
};

}  // namespace dsode::accel
