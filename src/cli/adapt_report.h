// The report of an adaptation.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/judgement.h"
#include "report/run_report.h"

namespace dsode::cli {

struct AdaptedRun {
  const adapt::AdaptResult& result;
  const std::optional<adapt::Source>& source;
  const data::UnlabelledSet& target;          // the images adapted to
  const std::optional<Judgement>& judgement;  // none without labelled target images
  std::filesystem::path source_run;  // folder of the source model; its report tells how it was trained
  std::string config, command;
  uint64_t seed = 1;
};

report::RunReport adapt_report(const AdaptedRun& run);

}  // namespace dsode::cli
