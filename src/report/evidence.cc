#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>

#include "report/base64.h"
#include "report/confusion_plot.h"
#include "report/html.h"
#include "report/interval_chart.h"
#include "report/scatter_plot.h"
#include "report/sections.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

constexpr size_t kCandidateRows = 16;  // about as many as can be read; the curves show all

std::string tag(std::string_view text) { return fmt::format("<span class=\"tag\">{}</span>", text); }

std::string class_name(const RunReport& report, int64_t id) {
  const bool known = id >= 0 && static_cast<size_t>(id) < report.class_names.size();
  return known ? report.class_names[static_cast<size_t>(id)] : fmt::format("class {}", id);
}

// A line under a picture; where the page has no room for all of it, pointing at it shows the rest.
std::string caption_line(std::string_view element, std::string_view css, const std::string& text) {
  const std::string safe = escape(text);
  return fmt::format("<{0} class=\"{1}\" title=\"{2}\">{2}</{0}>", element, css, safe);
}

// The prediction, and where the truth is known a mark and a colour that say whether it is right.
std::string prediction(const RunReport& report, const Sample& s, std::optional<int64_t> predicted) {
  if (!predicted) return "";
  const std::string name = class_name(report, *predicted);
  if (!s.label) return caption_line("span", "answer", name);
  return *predicted == *s.label ? caption_line("span", "right", "✓ right")
                                : caption_line("span", "wrong", "✗ " + name);
}

std::string sample_grid(const RunReport& report, const std::optional<SampleSet>& set) {
  if (!set || set->samples.empty()) return "";
  std::string items;
  for (const Sample& s : set->samples) {
    const std::string truth = s.label ? class_name(report, *s.label) : "";
    items += fmt::format("<li><img alt=\"{}\" src=\"data:image/png;base64,{}\"/>",
                         escape(s.caption.empty() ? truth : s.caption), to_base64(s.png));
    if (!truth.empty()) items += caption_line("b", "truth", truth);
    items += prediction(report, s, s.before) + prediction(report, s, s.after);
    items += "</li>\n";
  }
  return figure(set->title, set->note, fmt::format("<ul class=\"samples\">\n{}</ul>\n", items));
}

std::string signed_points(std::optional<double> before, std::optional<double> after) {
  if (!before || !after || !std::isfinite(*after - *before)) return "–";
  const double change = std::round((*after - *before) * 10) / 10;
  const char* css = change > 0 ? "right" : change < 0 ? "wrong" : "";
  return fmt::format("<span class=\"{}\">{}{:.1f}</span>", css,
                     change > 0   ? "+"
                     : change < 0 ? "−"
                                  : "",
                     std::abs(change));
}

std::string confusion_figure(const RunReport& report, const std::optional<Counts>& counts,
                             const char* title) {
  if (!counts || counts->empty()) return "";
  const ConfusionPlot plot{std::string("Confusion matrix ") + title, report.class_names, *counts};
  std::string name = title;
  name[0] = static_cast<char>(std::toupper(name[0]));
  return figure(name, "", draw(plot));
}

void add_feature_figures(const RunReport& report, const std::optional<FeatureMap>& map,
                         std::vector<std::string>& out) {
  if (!map || map->x.empty()) return;
  const ScatterPlot classes{map->title + ", by class", map->x, map->y, map->class_id,
                            report.class_names,        {},     true};
  const ScatterPlot domains{map->title + ", by domain", map->x, map->y, map->domain, {"source", "target"},
                            {"muted", "accent"},        false};
  out.push_back(figure(map->title, "coloured by class", draw(classes)));
  if (std::adjacent_find(map->domain.begin(), map->domain.end(), std::not_equal_to<>()) == map->domain.end())
    return;  // one domain: nothing to tell apart
  out.push_back(figure(map->title, "coloured by domain", draw(domains)));
}

}  // namespace

std::string grouped(int64_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    const bool group_starts = i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-';
    out += group_starts ? "," : "";
    out += digits[i];
  }
  return out;
}

std::string decimal(std::optional<double> value) {
  return value && std::isfinite(*value) ? fmt::format("{:.1f}", *value) : "–";
}

std::string samples_html(const RunReport& report) {
  std::vector<std::string> grids;
  for (const auto& set : {report.source_samples, report.target_samples})
    if (std::string grid = sample_grid(report, set); !grid.empty()) grids.push_back(std::move(grid));
  return section(
      "What the model sees",
      "Under each picture: its true class, then the model's answer; where there are two, before and after "
      "adaptation.",
      columns(grids));
}

std::string curves_html(const RunReport& report) {
  std::vector<std::string> charts;
  for (const LineChart& chart : report.learning_curves)
    charts.push_back(figure(chart.title, "", draw(chart)));
  return section("How it learned", "", columns(charts));
}

std::string candidates_html(const RunReport& report) {
  const auto& all = report.candidates;
  const auto best = std::max_element(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.target_accuracy < b.target_accuracy;
  });
  const bool judged = best != all.end() && best->target_accuracy;
  const size_t stride = (all.size() + kCandidateRows - 1) / kCandidateRows;
  std::vector<Column> columns{{"candidate"},
                              {report.selected_by.empty() ? "score" : report.selected_by, true}};
  if (judged) columns.push_back({"target accuracy, %", true});
  Table table(std::move(columns));
  for (auto c = all.begin(); c != all.end(); ++c) {
    const bool best_in_hindsight = judged && c == best;
    if (static_cast<size_t>(c - all.begin()) % stride != 0 && !c->chosen && !best_in_hindsight) continue;
    table.row({escape(c->name) + (c->chosen ? tag("chosen") : "") +
                   (best_in_hindsight ? tag("best in hindsight") : ""),
               c->score && std::isfinite(*c->score) ? fmt::format("{:.4f}", *c->score) : "–",
               decimal(c->target_accuracy)},
              c->chosen);
  }
  std::string intro = "The choice follows the score alone, which needs no target labels.";
  if (judged) intro += " Accuracies were read afterwards.";
  if (stride > 1)
    intro += fmt::format(" Of {} candidates, one in {} is listed, and those marked.", all.size(), stride);
  return section("How the model was chosen", intro, table.str());
}

// Of a run without adaptation: one accuracy a class.
std::string plain_classes_html(const RunReport& report) {
  Table table({{"class"}, {"images", true}, {"accuracy, %", true}});
  for (const ClassRow& row : report.classes)
    table.row({escape(row.name), grouped(row.n), decimal(row.before)});
  return section("Class by class", "Accuracy on the images of each true class.", table.str());
}

std::string classes_html(const RunReport& report) {
  if (std::none_of(report.classes.begin(), report.classes.end(),
                   [](const ClassRow& row) { return row.after; }))
    return plain_classes_html(report);
  Table table({{"class"},
               {"images", true, true},
               {"0 to 100 %", false, true},
               {"before, %", true},
               {"after, %", true},
               {"change", true}});
  for (const ClassRow& row : report.classes) {
    const double nothing = std::nan("");
    const std::string label =
        fmt::format("{}: {} % before, {} % after", row.name, decimal(row.before), decimal(row.after));
    table.row({escape(row.name), grouped(row.n),
               draw_change(row.before.value_or(nothing), row.after.value_or(nothing), label),
               decimal(row.before), decimal(row.after), signed_points(row.before, row.after)});
  }
  return section("Class by class", "Accuracy on target images of each true class.", table.str());
}

std::string confusions_html(const RunReport& report) {
  std::vector<std::string> plots;
  const char* first = report.confusion_after ? "before adaptation" : "of the model";
  if (auto plot = confusion_figure(report, report.confusion_before, first); !plot.empty())
    plots.push_back(plot);
  if (auto plot = confusion_figure(report, report.confusion_after, "after adaptation"); !plot.empty())
    plots.push_back(plot);
  return section(
      "What gets mixed up",
      "Percent of each true class. Right answers lie on the diagonal; everything else is a mistake.",
      columns(plots));
}

std::string features_html(const RunReport& report) {
  std::vector<std::string> before, after;
  add_feature_figures(report, report.features_before, before);
  add_feature_figures(report, report.features_after, after);
  const bool moved = !before.empty() && !after.empty();
  const bool two_domains = std::max(before.size(), after.size()) > 1;
  before.insert(before.end(), after.begin(), after.end());
  return section(moved ? "How the features moved" : "How the features lie",
                 fmt::format("Each dot is an image; near dots look alike to the model. Good features gather "
                             "by class{}. Distances between far groups mean little.",
                             two_domains ? " and mix the domains" : ""),
                 columns(before));
}

std::string sizes_html(const RunReport& report) {
  int64_t largest = 1;
  for (const ModelSize& m : report.sizes) largest = std::max(largest, m.params_core);
  Table table({{"model"},
               {"parameters", true, true},
               {"in the core", true},
               {"", false, true},
               {"multiply-adds", true, true},
               {"core vs odenet", true},
               {"core vs resnet", true}});
  const auto less = [](std::optional<double> percent) {
    return !percent || !std::isfinite(*percent) || std::abs(*percent) < 0.05
               ? std::string("–")
               : fmt::format("{}{:.1f} %", *percent > 0 ? "−" : "+", std::abs(*percent));
  };
  for (const ModelSize& m : report.sizes) {
    const double share =
        100.0 * static_cast<double>(std::max<int64_t>(m.params_core, 0)) / static_cast<double>(largest);
    table.row(
        {escape(m.name), grouped(m.params), grouped(m.params_core),
         fmt::format("<span class=\"track\"><span class=\"meter\" style=\"width:{:.1f}%\"></span></span>",
                     share),
         fmt::format("{:.1f} M", static_cast<double>(m.macs) / 1e6), less(m.core_reduction_vs_odenet),
         less(m.core_reduction_vs_resnet)},
        m.highlighted);
  }
  return section("How small it is",
                 "The core is the network without its first convolution and its classifier.", table.str());
}

}  // namespace dsode::report
