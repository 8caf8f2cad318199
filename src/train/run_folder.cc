#include "train/run_folder.h"

#include <sys/resource.h>

#include <sstream>

#include "base/error.h"
#include "base/file.h"

namespace dsode::train {

void RunFolder::clear() const {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> old{config(), best(), last(), metrics(), results(), report_data(), report()};
  for (const auto& entry : fs::directory_iterator(dir_, error))
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) old.push_back(entry.path());
  for (const auto& path : old) fs::remove(path, error);
}

MetricsLog::MetricsLog(std::filesystem::path path, int keep) : path_(std::move(path)) {
  if (keep == 0 || !std::filesystem::exists(path_)) return;
  std::istringstream text(read_text(path_));
  for (std::string line; static_cast<int>(lines_.size()) < keep && std::getline(text, line);) {
    const Json json = Json::parse(line, nullptr, false);
    if (json.is_discarded())
      throw bad_input(fmt::format("{}:{}: not JSON", path_.string(), lines_.size() + 1),
                      "start the run anew with --force");
    lines_.push_back(json);
  }
}

void MetricsLog::append(const Json& line) {
  lines_.push_back(line);
  std::string text;
  for (const auto& each : lines_) text += each.dump() + "\n";
  write_file(path_, text);
}

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace dsode::train
