#include "cli/report_parts.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "data/contact_sheet.h"
#include "ir/cost.h"
#include "report/embedding.h"

namespace dsode::cli {

namespace {

std::optional<int64_t> at(std::span<const int> values, int i) {
  if (values.empty()) return std::nullopt;
  return values[static_cast<size_t>(i)];
}

std::optional<double> class_accuracy(const eval::Score& score, size_t k) {
  int n = 0;
  for (const int count : score.confusion[k]) n += count;
  if (n == 0) return std::nullopt;
  return 100.0 * score.confusion[k][k] / n;
}

report::ModelSize model_size(const ir::ModelSpec& spec, std::string name) {
  const ir::ModelCost cost = ir::cost(spec);
  return {.name = std::move(name),
          .params = cost.params,
          .params_core = cost.params_core,
          .macs = cost.macs,
          .core_reduction_vs_odenet = ir::core_reduction(spec, "odenet"),
          .core_reduction_vs_resnet = ir::core_reduction(spec, "resnet")};
}

report::Series curve(const std::vector<Json>& metrics, const char* key, const char* name) {
  report::Series series{name, {}, {}};
  for (const auto& line : metrics) {
    series.x.push_back(line.value("epoch", 0.0));
    series.y.push_back(line.value(key, std::nan("")));
  }
  return series;
}

}  // namespace

report::Accuracy accuracy(int right, int n) {
  const eval::Interval interval = eval::wilson(right, n);
  const double value = n > 0 ? 100.0 * right / n : 0;
  // All right or all wrong: rounding must not put the value outside.
  return {value, n, std::min(interval.lo, value), std::max(interval.hi, value)};
}

report::Accuracy accuracy(const eval::Score& score) { return accuracy(score.right, score.n); }

std::vector<int> representatives(const data::Images& images, std::span<const int> labels, int classes,
                                 int count) {
  std::vector<int> picked;
  if (labels.empty()) {
    for (int i = 0; i < std::min(count, images.n); ++i) picked.push_back(i);
    return picked;
  }
  std::vector<std::vector<int>> of_class(static_cast<size_t>(classes));
  for (size_t i = 0; i < labels.size(); ++i)
    of_class[static_cast<size_t>(labels[i])].push_back(static_cast<int>(i));
  const auto wanted = static_cast<size_t>(std::min(count, images.n));
  for (size_t round = 0; picked.size() < wanted; ++round)
    for (const auto& members : of_class)
      if (round < members.size() && picked.size() < wanted) picked.push_back(members[round]);
  return picked;
}

report::SampleSet samples(const std::string& title, const Predictions& predictions,
                          const std::vector<std::string>& classes) {
  const auto& [images, labels, before, after] = predictions;
  report::SampleSet set;
  set.title = title;
  set.note = labels.empty() ? "The first images of the set."
                            : "The first images of each class, in the order of the set.";
  for (const int i : representatives(images, labels, static_cast<int>(classes.size()), kSamples)) {
    const auto png = data::encode_png(images.shape, images[i]);
    set.samples.push_back({.png = std::string(png.begin(), png.end()),
                           .caption = fmt::format("image {} of {}", i, title),
                           .label = at(labels, i),
                           .before = at(before, i),
                           .after = at(after, i)});
  }
  return set;
}

std::vector<report::ClassRow> class_rows(const std::vector<std::string>& classes, const eval::Score& before,
                                         const eval::Score* after) {
  std::vector<report::ClassRow> rows;
  for (size_t k = 0; k < classes.size(); ++k) {
    int64_t n = 0;
    for (const int count : before.confusion[k]) n += count;
    rows.push_back(
        {classes[k], n, class_accuracy(before, k), after ? class_accuracy(*after, k) : std::nullopt});
  }
  return rows;
}

report::Counts counts(const eval::Score& score) {
  report::Counts counts;
  for (const auto& row : score.confusion) counts.emplace_back(row.begin(), row.end());
  return counts;
}

std::vector<report::ModelSize> size_table(const ir::ModelSpec& spec) {
  std::vector<report::ModelSize> sizes;
  for (const auto& family : {"dsodenet", "rodenet", "odenet", "resnet"}) {
    ir::ModelSpec other = spec;
    other.family = family;
    sizes.push_back(model_size(other, other.name()));
    sizes.back().highlighted = other.family == spec.family;
  }
  if (spec.steps == 2) return sizes;
  ir::ModelSpec usual = spec;
  usual.family = "resnet";
  usual.steps = 2;
  sizes.push_back(model_size(usual, usual.name() + ", 2 blocks a stage"));
  // Its core against its own odenet would say nothing about this model.
  sizes.back().core_reduction_vs_odenet = sizes.back().core_reduction_vs_resnet = std::nullopt;
  return sizes;
}

std::vector<report::LineChart> training_curves(const std::vector<Json>& metrics, int best_epoch) {
  if (metrics.size() < 2) return {};  // a single point is no curve
  const report::Mark best{static_cast<double>(best_epoch), "kept"};
  return {
      {"Training on the source: accuracy",
       "epoch",
       "%",
       {curve(metrics, "train_accuracy", "training images"),
        curve(metrics, "validation_accuracy", "held-out source images")},
       best},
      {"Training on the source: loss", "epoch", "loss", {curve(metrics, "loss", "training images")}, best}};
}

FeaturePoints points_of(const eval::Outputs& outputs, std::span<const int> positions,
                        std::span<const int> classes, int domain) {
  FeaturePoints points{{}, {}, domain};
  for (const int i : positions) {
    const auto row = outputs.features.begin() + static_cast<ptrdiff_t>(i) * outputs.width;
    points.features.insert(points.features.end(), row, row + outputs.width);
    points.classes.push_back(classes[static_cast<size_t>(i)]);
  }
  return points;
}

report::FeatureMap feature_map(const std::string& title, const std::vector<FeaturePoints>& parts, int width,
                               uint64_t seed) {
  std::vector<float> features;
  report::FeatureMap map;
  map.title = title;
  for (const auto& part : parts) {
    features.insert(features.end(), part.features.begin(), part.features.end());
    map.class_id.insert(map.class_id.end(), part.classes.begin(), part.classes.end());
    map.domain.insert(map.domain.end(), part.classes.size(), part.domain);
  }
  auto coordinates = report::embed(features, static_cast<size_t>(width), seed);
  map.x = std::move(coordinates.x);
  map.y = std::move(coordinates.y);
  return map;
}

std::vector<report::KeyValue> configuration(const std::string& config) {
  std::vector<report::KeyValue> rows;
  std::istringstream lines(config);
  for (std::string line; std::getline(lines, line);)
    if (const size_t equals = line.find(" = "); equals != std::string::npos && line[0] != '#')
      rows.push_back({line.substr(0, equals), line.substr(equals + 3)});
  return rows;
}

void write_report(const std::filesystem::path& dir, const report::RunReport& report) {
  write_file(dir / "report.json", report::to_json(report).dump() + "\n");
  write_file(dir / "report.html", report::render(report));
}

report::RunReport read_report(const std::filesystem::path& dir) {
  const std::filesystem::path file = dir / "report.json";
  if (!std::filesystem::exists(file))
    throw bad_input(fmt::format("{}: no report.json", dir.string()),
                    "name a run folder of train, adapt or demo");
  const Json json = Json::parse(read_text(file), nullptr, false);
  if (json.is_discarded())
    throw bad_input(fmt::format("{}: not JSON", file.string()), "write the report again from its run");
  return report::from_json(json, file.string());
}

}  // namespace dsode::cli
