// dsode_cfg_pkg: what the SystemVerilog of a target has in common with software, as its source text.
#pragma once

#include <cstdint>
#include <string>

#include "accel/target.h"

namespace dsode::accel {

std::string config_package(const Target& target);

// CRC-32 of the target's parameters and of the layout of descriptors and registers: hardware and model agree
// on both.
uint32_t fingerprint(const Target& target);

}  // namespace dsode::accel
