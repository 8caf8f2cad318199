#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include "base/inform.h"

namespace dsode {

void setup_logging(bool quiet) {
  static const auto logger = spdlog::stderr_color_mt("dsodenet");
  spdlog::set_default_logger(logger);
  spdlog::set_pattern("%^%v%$");
  inform = [](const std::string& line) { spdlog::info("{}", line); };
  spdlog::set_level(quiet ? spdlog::level::warn : spdlog::level::info);
}

}  // namespace dsode
