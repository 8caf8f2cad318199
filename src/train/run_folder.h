// The folder of a run (contract): config.toml, metrics.jsonl, best and last checkpoint, results.json,
// report.html.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/options.h"

namespace dsode::train {

class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path dir) : dir_(std::move(dir)) {}

  std::filesystem::path config() const { return dir_ / "config.toml"; }
  std::filesystem::path best() const { return dir_ / "best.safetensors"; }
  std::filesystem::path last() const { return dir_ / "last.safetensors"; }
  std::filesystem::path metrics() const { return dir_ / "metrics.jsonl"; }
  std::filesystem::path results() const { return dir_ / "results.json"; }
  std::filesystem::path report_data() const { return dir_ / "report.json"; }
  std::filesystem::path report() const { return dir_ / "report.html"; }
  std::filesystem::path dir() const { return dir_; }

  // Removes what an earlier run left, so that no file of it can be taken for one of the next; other files
  // stay.
  void clear() const;

 private:
  std::filesystem::path dir_;
};

// One JSON object a line, each line on disk before the call returns.
class MetricsLog {
 public:
  // Keeps the first `keep` lines of an existing file: those a resumed run has already done.
  MetricsLog(std::filesystem::path path, int keep);
  void append(const Json& line);
  const std::vector<Json>& lines() const { return lines_; }

 private:
  std::filesystem::path path_;
  std::vector<Json> lines_;
};

// Highest resident memory of this process so far, in MB.
double peak_rss_mb();

}  // namespace dsode::train
