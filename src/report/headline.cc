#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/html.h"
#include "report/interval_chart.h"
#include "report/sections.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

bool overlap(const Accuracy& a, const Accuracy& b) { return a.lo <= b.hi && b.lo <= a.hi; }

std::string or_else(const std::string& name, std::string_view fallback) {
  return name.empty() ? std::string(fallback) : name;
}

std::string stat(const char* css, std::string_view label, const Accuracy& a) {
  return fmt::format(
      "<div class=\"stat {}\"><div class=\"big\">{:.1f}<small>%</small></div>"
      "<p><b>{}</b><br/>{:.1f}–{:.1f}, <span class=\"whole\">n = {}</span></p></div>\n",
      css, a.value, escape(label), a.lo, a.hi, grouped(a.n));
}

std::string figures(const Headline& h) {
  std::string out;
  const char* arrow = "<div class=\"arrow\" aria-hidden=\"true\">→</div>\n";
  if (h.source_only)
    out += stat(h.adapted ? "before" : "after", h.adapted ? "before adaptation" : "on target images",
                *h.source_only);
  if (h.source_only && h.adapted) out += arrow;
  if (h.adapted) out += stat("after", "after adaptation", *h.adapted);
  if (out.empty() && h.source_validation)
    out = stat("after", h.method.empty() ? "on held-out source images" : "on the source, before adaptation",
               *h.source_validation);
  return out.empty() ? "" : fmt::format("<div class=\"change\">\n{}</div>\n", out);
}

std::string intervals(const Headline& h) {
  IntervalChart chart{.title = "Accuracies with their 95 % intervals", .unit = "%", .rows = {}};
  const auto add = [&](const std::optional<Accuracy>& a, const char* label, const char* color) {
    if (a) chart.rows.push_back({label, a->value, a->lo, a->hi, color});
  };
  add(h.source_only, "Target, before adaptation", "muted");
  add(h.adapted, "Target, after adaptation", "accent");
  add(h.oracle_best, "Target, best candidate in hindsight", "muted");
  add(h.source_validation, "Source, held-out images", "muted");
  return chart.rows.size() < 2 ? "" : fmt::format("<figure>{}</figure>\n", draw(chart));
}

std::string fact(const std::string& value, std::string_view label) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(label), escape(value));
}

std::string reduction(std::optional<double> percent, std::string_view family) {
  if (!percent || !std::isfinite(*percent)) return "";
  return fact(fmt::format("{}{:.1f} %", *percent < 0 ? "+" : "−", std::abs(*percent)),
              fmt::format("core parameters against {}", family));
}

std::string size_facts(const RunReport& report) {
  for (const ModelSize& m : report.sizes) {
    if (!m.highlighted) continue;
    return fmt::format(
        "<dl class=\"facts\">\n{}{}{}{}</dl>\n", fact(grouped(m.params), "parameters in " + m.name),
        reduction(m.core_reduction_vs_odenet, "odenet"), reduction(m.core_reduction_vs_resnet, "resnet"),
        fact(fmt::format("{:.1f} M", static_cast<double>(m.macs) / 1e6), "multiply-adds an image"));
  }
  return "";
}

// `text` escaped, with short names such as "dsodenet-t" kept in one line: browsers break after the hyphen.
std::string unbroken(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string word = escape(text.substr(0, end));
    const bool keep = end <= 24 && word.find('-') != std::string::npos;
    out += keep ? fmt::format("<span class=\"whole\">{}</span>", word) : word;
    if (end < text.size()) out += ' ';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string warnings(const RunReport& report) {
  if (report.warnings.empty()) return "";
  std::string items;
  for (const std::string& warning : report.warnings) items += fmt::format("<li>{}</li>\n", escape(warning));
  return fmt::format("<div class=\"warnings\" role=\"note\"><b>Please note</b><ul>\n{}</ul></div>\n", items);
}

}  // namespace

std::string plain_words(const Headline& h) {
  const std::string model = or_else(h.model, "the model"), target = or_else(h.target, "target");
  const std::string source = or_else(h.source, "source"), method = or_else(h.method, "adaptation");
  if (h.source_only && h.adapted) {
    const double before = h.source_only->value, after = h.adapted->value, change = std::abs(after - before);
    if (overlap(*h.source_only, *h.adapted))
      return fmt::format(
          "Without target labels, {} took {} from {:.1f} % to {:.1f} % on {}: the intervals overlap, so "
          "this run shows no clear difference.",
          method, model, before, after, target);
    if (after < before)
      return fmt::format(
          "Adaptation did harm here: {} took {} from {:.1f} % to {:.1f} % on {}, {:.1f} points down.", method,
          model, before, after, target, change);
    return fmt::format(
        "Trained on {}, {} names {:.0f} in 100 {} images correctly. After {} saw unlabelled images from "
        "there, it names {:.0f}: {:.1f} points more.",
        source, model, before, target, method, after, change);
  }
  if (h.source_only)
    return fmt::format("Trained on {}, {} reaches {:.1f} % on {}.", source, model, h.source_only->value,
                       target);
  if (h.source_validation && !h.method.empty())
    return fmt::format(
        "{} adapted {} to {} without labels. There are none to tell its accuracy there; before, it reached "
        "{:.1f} % on images held out from {}.",
        method, model, target, h.source_validation->value, source);
  if (h.source_validation)
    return fmt::format("Trained on {}, {} reaches {:.1f} % on images held out from it.", source, model,
                       h.source_validation->value);
  return "";
}

std::string headline_html(const RunReport& report) {
  std::string out = fmt::format("<header>\n<p class=\"kicker\">dsodenet run report</p>\n<h1>{}</h1>\n",
                                unbroken(or_else(report.title, "Run report")));
  if (!report.subtitle.empty()) out += fmt::format("<p class=\"subtitle\">{}</p>\n", escape(report.subtitle));
  out += "</header>\n";
  std::string hero;
  if (report.headline) {
    const std::string sentence = plain_words(*report.headline);
    if (!sentence.empty()) hero += fmt::format("<p class=\"lead\">{}</p>\n", unbroken(sentence));
    hero += fmt::format("<div class=\"story\">\n{}{}</div>\n", figures(*report.headline),
                        intervals(*report.headline));
  }
  hero += size_facts(report);
  if (!hero.empty()) out += fmt::format("<div class=\"hero\">\n{}</div>\n", hero);
  return out + warnings(report);
}

}  // namespace dsode::report
