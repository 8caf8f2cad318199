// The parts of a run report about the accelerator.
#pragma once

#include "base/options.h"
#include "report/run_report.h"

namespace dsode::cli {

// What `compile` and `simulate` told of the run's model, and what synthesis made of the targets.
report::Section on_the_accelerator(const Json& compiled, const Json& simulated);

// The time of an image beside that of software, each with how it is known.
report::Section beside_software(const Json& simulated);

// The paper's figures beside those of a model of these sizes.
report::Section beside_the_paper(const std::vector<report::ModelSize>& sizes, const Json& simulated);

}  // namespace dsode::cli
