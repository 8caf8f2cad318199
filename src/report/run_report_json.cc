// report.json, both ways. `describe` names each struct's fields once; a Writer and a Reader walk the same
// description.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/names.h"
#include "report/base64.h"
#include "report/run_report.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "dsodenet-report/1";
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

// A field whose bytes travel as base64.
struct Png {
  std::string& bytes;
};

void describe(auto& v, Accuracy& a) { v("value", a.value)("n", a.n)("lo", a.lo)("hi", a.hi); }
void describe(auto& v, Headline& h) {
  v("model", h.model)("method", h.method)("source", h.source)("target", h.target);
  v("source_validation", h.source_validation)("source_only", h.source_only)("adapted", h.adapted);
  v("oracle_best", h.oracle_best);
}
void describe(auto& v, Sample& s) {
  Png png{s.png};
  v("png", png)("caption", s.caption)("label", s.label)("before", s.before)("after", s.after);
}
void describe(auto& v, SampleSet& s) { v("title", s.title)("note", s.note)("samples", s.samples); }
void describe(auto& v, Series& s) { v("name", s.name)("x", s.x)("y", s.y); }
void describe(auto& v, Mark& m) { v("x", m.x)("label", m.label); }
void describe(auto& v, LineChart& c) {
  v("title", c.title)("x_label", c.x_label)("y_label", c.y_label)("series", c.series)("mark", c.mark);
}
void describe(auto& v, Candidate& c) {
  v("name", c.name)("score", c.score)("target_accuracy", c.target_accuracy)("chosen", c.chosen);
}
void describe(auto& v, ClassRow& r) { v("name", r.name)("n", r.n)("before", r.before)("after", r.after); }
void describe(auto& v, FeatureMap& f) {
  v("title", f.title)("x", f.x)("y", f.y)("class_id", f.class_id)("domain", f.domain);
}
void describe(auto& v, ModelSize& m) {
  v("name", m.name)("params", m.params)("params_core", m.params_core)("macs", m.macs);
  v("core_reduction_vs_odenet", m.core_reduction_vs_odenet)("core_reduction_vs_resnet",
                                                            m.core_reduction_vs_resnet);
  v("highlighted", m.highlighted);
}
void describe(auto& v, KeyValue& kv) { v("key", kv.key)("value", kv.value); }
void describe(auto& v, TextTable& t) { v("header", t.header)("rows", t.rows); }
void describe(auto& v, Section& s) {
  v("title", s.title)("text", s.text)("facts", s.facts)("table", s.table);
}
void describe(auto& v, RunReport& r) {
  v("title", r.title)("subtitle", r.subtitle)("warnings", r.warnings)("headline", r.headline);
  v("class_names", r.class_names)("source_samples", r.source_samples)("target_samples", r.target_samples);
  v("learning_curves", r.learning_curves)("selected_by", r.selected_by)("candidates", r.candidates);
  v("classes", r.classes)("confusion_before", r.confusion_before)("confusion_after", r.confusion_after);
  v("features_before", r.features_before)("features_after", r.features_after)("sizes", r.sizes);
  v("sections", r.sections)("configuration", r.configuration)("commands", r.commands)("notes", r.notes);
  v("version", r.version)("seed", r.seed);
}

// Collects the fields of one struct; JSON text has no NaN, so that numbers that are not finite become null.
class Writer {
 public:
  Writer& operator()(const char* name, auto& field) {
    json_[name] = value(field);
    return *this;
  }
  Json take() { return std::move(json_); }

 private:
  static Json value(double& v) { return std::isfinite(v) ? Json(v) : Json(nullptr); }
  static Json value(int64_t& v) { return v; }
  static Json value(bool& v) { return v; }
  static Json value(std::string& v) { return clean_text(v); }
  static Json value(Png& v) { return to_base64(v.bytes); }
  template <class T>
  static Json value(std::optional<T>& v) {
    return v ? value(*v) : Json(nullptr);
  }
  template <class T>
  static Json value(std::vector<T>& items) {
    Json out = Json::array();
    for (T& item : items) out.push_back(value(item));
    return out;
  }
  static Json value(auto& fields) {
    Writer writer;
    describe(writer, fields);
    return writer.take();
  }

  Json json_ = Json::object();
};

// Fills the fields of one struct from a JSON object; absent keys keep their defaults.
class Reader {
 public:
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json_.is_object()) fail(path_, "an object");
  }

  Reader& operator()(const char* name, auto& field) {
    known_.emplace_back(name);
    if (const auto it = json_.find(name); it != json_.end())
      read(*it, field, fmt::format("{}.{}", path_, name));
    return *this;
  }
  void refuse_unknown_keys() const {
    for (const auto& item : json_.items())
      if (std::find(known_.begin(), known_.end(), item.key()) == known_.end())
        throw bad_input(fmt::format("{}: unknown key '{}'", path_, clean_text(item.key())),
                        unknown_name_hint(item.key(), known_));
  }

 private:
  [[noreturn]] static void fail(const std::string& path, std::string_view expected) {
    throw bad_input(fmt::format("{}: expected {}", path, expected), "write the report again from its run");
  }
  static void read(const Json& json, double& out, const std::string& path) {
    if (json.is_null()) return void(out = std::numeric_limits<double>::quiet_NaN());
    if (!json.is_number()) fail(path, "a number");
    out = json.get<double>();
  }
  static void read(const Json& json, int64_t& out, const std::string& path) {
    const bool fits =
        json.is_number_unsigned() ? json.get<uint64_t>() <= INT64_MAX : json.is_number_integer();
    if (!fits) fail(path, "an integer");
    out = json.get<int64_t>();
  }
  static void read(const Json& json, bool& out, const std::string& path) {
    if (!json.is_boolean()) fail(path, "true or false");
    out = json.get<bool>();
  }
  static void read(const Json& json, std::string& out, const std::string& path) {
    if (!json.is_string()) fail(path, "a string");
    out = json.get<std::string>();
  }
  static void read(const Json& json, Png& out, const std::string& path) {
    const auto bytes = json.is_string() ? from_base64(json.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes || !bytes->starts_with(kPngSignature)) fail(path, "a PNG file in base64");
    out.bytes = *bytes;
  }
  template <class T>
  static void read(const Json& json, std::optional<T>& out, const std::string& path) {
    if (!json.is_null()) read(json, out.emplace(), path);
  }
  template <class T>
  static void read(const Json& json, std::vector<T>& out, const std::string& path) {
    if (!json.is_array()) fail(path, "an array");
    for (size_t i = 0; i < json.size(); ++i)
      read(json[i], out.emplace_back(), fmt::format("{}[{}]", path, i));
  }
  static void read(const Json& json, auto& fields, const std::string& path) {
    Reader reader(json, path);
    describe(reader, fields);
    reader.refuse_unknown_keys();
  }

  const Json& json_;
  std::string path_;
  std::vector<std::string> known_;
};

// Checks that span fields. Each failure names the field.
class Checker {
 public:
  Checker(const RunReport& report, std::string_view file) : report_(report), file_(file) {}

  void run() const {
    if (report_.headline) headline(*report_.headline);
    if (report_.source_samples) samples(*report_.source_samples, "source_samples");
    if (report_.target_samples) samples(*report_.target_samples, "target_samples");
    for (size_t i = 0; i < report_.learning_curves.size(); ++i) curves(i);
    for (size_t i = 0; i < report_.classes.size(); ++i) {
      percent(report_.classes[i].before, fmt::format("classes[{}].before", i));
      percent(report_.classes[i].after, fmt::format("classes[{}].after", i));
    }
    for (size_t i = 0; i < report_.candidates.size(); ++i)
      percent(report_.candidates[i].target_accuracy, fmt::format("candidates[{}].target_accuracy", i));
    if (report_.confusion_before) square(*report_.confusion_before, "confusion_before");
    if (report_.confusion_after) square(*report_.confusion_after, "confusion_after");
    if (report_.features_before) features(*report_.features_before, "features_before");
    if (report_.features_after) features(*report_.features_after, "features_after");
  }

 private:
  void require(bool holds, std::string_view field, std::string_view rule) const {
    if (!holds)
      throw bad_input(fmt::format("{}: {}: {}", file_, field, rule), "write the report again from its run");
  }
  void percent(std::optional<double> value, const std::string& field) const {
    require(!value || (*value >= 0 && *value <= 100), field, "a percentage lies in [0, 100]");
  }
  void class_id(std::optional<int64_t> id, const std::string& field) const {
    const auto classes = static_cast<int64_t>(report_.class_names.size());
    require(!id || (*id >= 0 && *id < classes), field,
            fmt::format("no such class ({} class_names)", classes));
  }
  void accuracy(const std::optional<Accuracy>& a, const std::string& field) const {
    if (!a) return;
    percent(a->value, field + ".value");
    require(a->n >= 0, field + ".n", "a count is not negative");
    require(0 <= a->lo && a->lo <= a->value && a->value <= a->hi && a->hi <= 100, field + ".lo",
            "the interval [lo, hi] holds the value and lies in [0, 100]");
  }
  void headline(const Headline& h) const {
    accuracy(h.source_validation, "headline.source_validation");
    accuracy(h.source_only, "headline.source_only");
    accuracy(h.adapted, "headline.adapted");
    accuracy(h.oracle_best, "headline.oracle_best");
  }
  void samples(const SampleSet& set, std::string_view field) const {
    for (size_t i = 0; i < set.samples.size(); ++i) {
      class_id(set.samples[i].label, fmt::format("{}.samples[{}].label", field, i));
      class_id(set.samples[i].before, fmt::format("{}.samples[{}].before", field, i));
      class_id(set.samples[i].after, fmt::format("{}.samples[{}].after", field, i));
    }
  }
  void curves(size_t chart) const {
    const auto& series = report_.learning_curves[chart].series;
    for (size_t i = 0; i < series.size(); ++i)
      require(series[i].x.size() == series[i].y.size(),
              fmt::format("learning_curves[{}].series[{}]", chart, i), "x and y differ in length");
  }
  void square(const Counts& counts, std::string_view field) const {
    const size_t classes = report_.class_names.size();
    require(counts.size() == classes, field,
            fmt::format("{} rows for {} class_names", counts.size(), classes));
    for (size_t i = 0; i < classes; ++i) {
      const std::string row = fmt::format("{}[{}]", field, i);
      require(counts[i].size() == classes, row,
              fmt::format("{} cells for {} class_names", counts[i].size(), classes));
      require(std::all_of(counts[i].begin(), counts[i].end(), [](int64_t n) { return n >= 0; }), row,
              "a count is not negative");
    }
  }
  void features(const FeatureMap& map, std::string_view field) const {
    const size_t n = map.x.size();
    require(map.y.size() == n && map.class_id.size() == n && map.domain.size() == n, field,
            "x, y, class_id and domain differ in length");
    for (size_t i = 0; i < n; ++i) {
      class_id(map.class_id[i], fmt::format("{}.class_id[{}]", field, i));
      require(map.domain[i] == 0 || map.domain[i] == 1, fmt::format("{}.domain[{}]", field, i),
              "0 is source, 1 is target");
    }
  }

  const RunReport& report_;
  std::string_view file_;
};

}  // namespace

Json to_json(const RunReport& report) {
  RunReport fields = report;  // describe serves the reader too, so that it takes mutable fields
  std::string format(kFormat);
  Writer writer;
  writer("format", format);
  describe(writer, fields);
  return writer.take();
}

RunReport from_json(const Json& json, std::string_view file) {
  RunReport report;
  std::string format;
  Reader reader(json, std::string(file));
  reader("format", format);
  if (format != kFormat)
    throw bad_input(fmt::format("{}.format: expected '{}', found '{}'", file, kFormat, clean_text(format)),
                    "write the report again from its run");
  describe(reader, report);
  reader.refuse_unknown_keys();
  Checker(report, file).run();
  return report;
}

}  // namespace dsode::report
