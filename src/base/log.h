// Log lines for people, always on stderr: stdout belongs to results.
#pragma once

#include <spdlog/spdlog.h>

namespace dsode {

// Plain lines on stderr; `quiet` keeps warnings and errors only.
void setup_logging(bool quiet);

}  // namespace dsode
