// How long the accelerator takes, without simulating it: the recurrences of its units. Its numbers are those
// of a simulation without stalls, see cycle_model_test.cc.
#pragma once

#include "accel/program.h"

namespace dsode::accel {

struct PassCycles {
  uint64_t begin = 0, end = 0;  // the array takes its first operand; the last word of the result is written
  uint64_t multiply = 0;        // cycles in which the array multiplies
};

struct CycleModel {
  std::vector<PassCycles> passes;
  uint64_t cycles = 0;            // of one image on an idle core, first input beat to last output beat
  uint64_t cycles_per_image = 0;  // of many, back to back
};

CycleModel model_cycles(const Program& program);

// What share of the array's (and of all) multipliers of `target` the products of an image keep busy in
// `cycles`, in percent.
double mac_utilization(const Program& program, double cycles);
double multiplier_utilization(const Program& program, double cycles);

}  // namespace dsode::accel
