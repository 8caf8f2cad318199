// What tools that take minutes, or are not everywhere, told of the accelerator and of software beside it, for
// the report: fpga/resources.json, of `dsodenet synth`, and fpga/software.json, of tools/a53_estimate.py.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accel/synthesis.h"

namespace dsode::accel {

struct SynthesisRecord {
  Target target;
  std::string tool;
  Resources used;
  int levels = 0;
};
// The smallest array first.
std::vector<SynthesisRecord> synthesis_records();

// Milliseconds an image on one Cortex-A53 at 1.2 GHz.
struct Estimate {
  double ms = 0, lo = 0, hi = 0;
};

// The same integers in software.
struct SoftwareRecord {
  Estimate plain;  // C++ loops without intrinsics
  Estimate neon;   // libdsode's kernels: of them the loops that multiply
  double x86 = 0;  // milliseconds of the plain ones on one core of `cpu`, measured
  std::string cpu;
};
// Of a model by its name and multiplications: another input has others.
std::optional<SoftwareRecord> software_record(const std::string& model, int64_t macs);

}  // namespace dsode::accel
