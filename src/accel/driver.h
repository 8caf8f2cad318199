// The accelerator as software sees it, the same on hardware and in simulation.
#pragma once

#include "accel/program.h"
#include "accel/transport.h"

namespace dsode::accel {

// What the counters say of the last run; see Reg.
struct Counters {
  uint32_t cycles = 0, multiply = 0, front_source = 0, front_room = 0, back_operand = 0, back_drain = 0;
};

using Scores = std::vector<std::vector<int32_t>>;  // [images][classes]

// How many of `expected` are not in `scores`.
uint64_t count_differing(const Scores& scores, const Scores& expected);

class Driver {
 public:
  // Throws failed where there is no accelerator of ours, or one for another target.
  Driver(Transport& transport, const Target& target);

  // Both throw failed naming what the hardware found wrong, and leave it idle.
  void load(std::span<const uint32_t> model_packet);
  // Of at most 65535 images, in order.
  Scores run(const std::vector<std::vector<uint32_t>>& image_packets);
  Counters counters();
  // From any state back to idle, with nothing on its way and nothing pending. A model that was being loaded
  // is lost.
  void reset();

 private:
  void check_errors();

  Transport& transport_;
};

}  // namespace dsode::accel
