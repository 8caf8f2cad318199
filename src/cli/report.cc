// dsodenet report: the page of a run written anew, there or to --out, or several runs side by side.
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/report_parts.h"
#include "cli/verbs.h"

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

// The keys of results.json that the comparison shows, in this order.
constexpr const char* kColumns[] = {"model",       "data",    "method",      "accuracy",
                                    "source_only", "adapted", "oracle_best", "selected_by",
                                    "params",      "seconds", "seed"};

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

Json read_results(const fs::path& dir) {
  const fs::path file = dir / "results.json";
  if (!fs::exists(file))
    throw bad_input(fmt::format("{}: no results.json", dir.string()),
                    "name run folders of train, adapt or demo");
  const Json json = Json::parse(read_text(file), nullptr, false);
  if (!json.is_object()) throw bad_input(fmt::format("{}: not a JSON object", file.string()), "run it again");
  return json;
}

std::string cell(const Json& results, const char* key) {
  const auto it = results.find(key);
  if (it == results.end() || it->is_null() || it->is_structured()) return "-";
  if (it->is_string()) return it->get<std::string>();
  return it->is_number_float() ? fmt::format("{:.2f}", it->get<double>()) : it->dump();
}

class Report : public Verb {
 public:
  std::string name() const override { return "report"; }
  std::string help() const override { return "write a run's report.html anew, or to --out; compare runs"; }
  void declare(OptionSet& options) override {
    options.add("run", run_, "run folder; several with commas between are compared");
  }

  Json run(const Globals& globals) override {
    const std::vector<std::string> dirs = split_at_commas(run_);
    if (dirs.empty()) throw bad_input("--run: missing", "name a run folder, e.g. --run runs/demo");
    if (dirs.size() == 1) return render(globals, dirs.front());
    if (!globals.out.empty())
      throw bad_input(
          fmt::format("--out {}: a comparison of {} runs writes no file", globals.out, dirs.size()),
          "name one run, or leave out --out");
    return compare(dirs);
  }

 private:
  static Json render(const Globals& globals, const fs::path& dir) {
    refuse_existing(globals);
    const fs::path file = globals.out_or((dir / "report.html").string());
    write_file(file, report::render(read_report(dir)));
    fmt::print("{}\n", file.string());
    return {{"report", file.string()}};
  }

  static Json compare(const std::vector<std::string>& dirs) {
    Json runs = Json::array();
    for (const auto& dir : dirs) {
      runs.push_back(read_results(dir));
      runs.back()["run"] = dir;
    }
    std::vector<std::vector<std::string>> rows{{"run"}};
    for (const auto& dir : dirs) rows.push_back({dir});
    for (const char* key : kColumns) {
      if (std::all_of(runs.begin(), runs.end(), [&](const Json& run) { return cell(run, key) == "-"; }))
        continue;
      rows[0].push_back(key);
      for (size_t i = 0; i < dirs.size(); ++i) rows[i + 1].push_back(cell(runs[i], key));
    }
    fmt::print("{}", text_table(rows));
    return {{"runs", runs}};
  }

  std::string run_;
};

}  // namespace

std::unique_ptr<Verb> make_report() { return std::make_unique<Report>(); }

}  // namespace dsode::cli
