// Which lines of the RTL ran, where it was verilated to count them (CMake: DSODE_RTL_COVERAGE).
#pragma once

#include <fmt/format.h>
#include <unistd.h>
#include <verilated.h>
#include <verilated_cov.h>

#include <cstdlib>

namespace dsode::accel {

// A file of its own in the folder $DSODE_COVERAGE; to be called while the context's models live.
inline void write_coverage([[maybe_unused]] VerilatedContext& context) {
#if VM_COVERAGE
  static int files = 0;
  if (const char* folder = std::getenv("DSODE_COVERAGE"))
    context.coveragep()->write(fmt::format("{}/{}-{}.dat", folder, getpid(), files++).c_str());
#endif
}

}  // namespace dsode::accel
