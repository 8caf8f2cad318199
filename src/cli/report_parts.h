// The parts of a run report that need no more than data, predictions and a model's spec.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/options.h"
#include "data/dataset.h"
#include "eval/engine.h"
#include "eval/metrics.h"
#include "ir/spec.h"
#include "report/run_report.h"

namespace dsode::cli {

inline constexpr int kSamples = 20;        // pictures shown of a domain
inline constexpr int kMappedImages = 400;  // of each domain in a feature map

// With its 95 % interval.
report::Accuracy accuracy(const eval::Score& score);
report::Accuracy accuracy(int right, int n);

// At most `count` positions: the first image of each class in turn, then the second of each, so that no
// picture is picked for its prediction. Without labels the first images.
std::vector<int> representatives(const data::Images& images, std::span<const int> labels, int classes,
                                 int count);

// What was predicted for the images of a set; `labels` and `after` may be empty.
struct Predictions {
  const data::Images& images;
  std::span<const int> labels, before, after;
};
report::SampleSet samples(const std::string& title, const Predictions& predictions,
                          const std::vector<std::string>& classes);

std::vector<report::ClassRow> class_rows(const std::vector<std::string>& classes, const eval::Score& before,
                                         const eval::Score* after);
report::Counts counts(const eval::Score& score);

// The four families at the widths and steps of `spec`, and resnet with its usual 2 blocks a stage.
std::vector<report::ModelSize> size_table(const ir::ModelSpec& spec);

// Loss and accuracy by epoch from the lines of metrics.jsonl; `best_epoch` counts from 1.
std::vector<report::LineChart> training_curves(const std::vector<Json>& metrics, int best_epoch);

// Pooled features of one domain, in the order of the images, with the class each point is coloured by.
struct FeaturePoints {
  std::vector<float> features;  // [N, width]
  std::vector<int> classes;     // [N]
  int domain = 0;               // 0 source, 1 target
};
// The images at `positions`, coloured by `classes` of all images (labels or predictions).
FeaturePoints points_of(const eval::Outputs& outputs, std::span<const int> positions,
                        std::span<const int> classes, int domain);
// All points in one common picture.
report::FeatureMap feature_map(const std::string& title, const std::vector<FeaturePoints>& parts, int width,
                               uint64_t seed);

// "key = value" lines of config.toml.
std::vector<report::KeyValue> configuration(const std::string& config);

// Writes report.json and report.html into `dir`.
void write_report(const std::filesystem::path& dir, const report::RunReport& report);
// The report of `dir`. Throws bad_input where there is none or it is damaged.
report::RunReport read_report(const std::filesystem::path& dir);

}  // namespace dsode::cli
