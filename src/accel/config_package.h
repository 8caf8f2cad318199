// dsode_cfg_pkg: what the SystemVerilog of a target has in common with software, as its source text.
#pragma once

#include <string>

#include "accel/target.h"

namespace dsode::accel {

std::string config_package(const Target& target);

}  // namespace dsode::accel
