// What a run has to show, as plain data: every part is optional, an empty one is left out of the page.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/line_chart.h"

namespace dsode::report {

// An accuracy in percent over n images with its 95 % Wilson interval.
struct Accuracy {
  double value = 0;
  int64_t n = 0;
  double lo = 0, hi = 0;
};

struct Headline {
  std::string model, method, source,
      target;  // names for the sentence under the title, such as "shot" and "usps"
  std::optional<Accuracy> source_validation;  // source model on held-out source images
  std::optional<Accuracy> source_only;        // source model on target images
  std::optional<Accuracy> adapted;            // adapted model on the same target images
  std::optional<Accuracy> oracle_best;        // best candidate in hindsight, picked with target labels
};

struct Sample {
  std::string png;                              // an encoded PNG file
  std::string caption;                          // the image's name; a screen reader's text
  std::optional<int64_t> label, before, after;  // class ids: the truth, the two predictions
};

struct SampleSet {
  std::string title, note;
  std::vector<Sample> samples;
};

struct Candidate {
  std::string name;
  std::optional<double> score;            // the label-free selector's, higher is better
  std::optional<double> target_accuracy;  // percent, read after the choice
  bool chosen = false;
};

struct ClassRow {
  std::string name;
  int64_t n = 0;
  std::optional<double> before, after;  // accuracy in percent
};

using Counts = std::vector<std::vector<int64_t>>;  // [true][predicted], K x K

// A two-dimensional picture of features; see embedding.h.
struct FeatureMap {
  std::string title;
  std::vector<double> x, y;       // [N]
  std::vector<int64_t> class_id;  // [N] index into class_names; for target points only known where labels are
  std::vector<int64_t> domain;    // [N] 0 source, 1 target
};

struct ModelSize {
  std::string name;
  int64_t params = 0, params_core = 0, macs = 0;                             // macs of one image
  std::optional<double> core_reduction_vs_odenet, core_reduction_vs_resnet;  // percent
  bool highlighted = false;                                                  // this run's model
};

struct KeyValue {
  std::string key, value;
};

struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

// Anything a later step wants to add: a quantised model, an accelerator.
struct Section {
  std::string title, text;
  std::vector<KeyValue> facts;
  std::optional<TextTable> table;
};

struct RunReport {
  std::string title, subtitle;
  std::vector<std::string> warnings;
  std::optional<Headline> headline;
  std::vector<std::string> class_names;
  std::optional<SampleSet> source_samples, target_samples;
  std::vector<LineChart> learning_curves;
  std::string selected_by;  // the selector's name
  std::vector<Candidate> candidates;
  std::vector<ClassRow> classes;
  std::optional<Counts> confusion_before, confusion_after;
  std::optional<FeatureMap> features_before, features_after;
  std::vector<ModelSize> sizes;
  std::vector<Section> sections;
  std::vector<KeyValue> configuration;
  std::vector<std::string> commands;  // shell lines that reproduce the run
  std::vector<std::string> notes;     // what the reader must know to trust the figures
  std::string version;
  std::optional<int64_t> seed;
};

// report.json: the format name and every field above by its own name, pictures in base64.
nlohmann::ordered_json to_json(const RunReport& report);

// The inverse. Takes edited files: throws bad_input naming `file` and the field for wrong types, unknown
// keys, classes out of range, matrices that are not square, accuracies outside [0, 100] and pictures that are
// no PNG.
RunReport from_json(const nlohmann::ordered_json& json, std::string_view file);

// The page: one HTML file without scripts or anything from the network.
std::string render(const RunReport& report);

}  // namespace dsode::report
