#include <fmt/format.h>

#include "report/html.h"
#include "report/sections.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

std::string pairs(const std::vector<KeyValue>& rows) {
  if (rows.empty()) return "";
  std::string items;
  for (const KeyValue& row : rows)
    items += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(row.key), escape(row.value));
  return fmt::format("<dl class=\"pairs\">\n{}</dl>\n", items);
}

std::string text_table(const TextTable& source) {
  std::vector<Column> columns;
  for (const std::string& title : source.header) columns.push_back({title, !columns.empty()});
  Table table(std::move(columns));
  for (const auto& row : source.rows) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(escape(cell));
    table.row(cells);
  }
  return table.str();
}

std::string footer(const RunReport& report) {
  std::string out = "Made by dsodenet";
  if (!report.version.empty()) out += " " + escape(report.version);
  if (report.seed) out += fmt::format(", seed {}", *report.seed);
  return fmt::format("<footer>{}</footer>\n", out);
}

}  // namespace

std::string extra_sections_html(const RunReport& report) {
  std::string out;
  for (const Section& s : report.sections) {
    std::string body = pairs(s.facts) + (s.table ? text_table(*s.table) : "");
    if (body.empty() && !s.text.empty()) body = "\n";
    out += section(s.title, s.text, body);
  }
  return out;
}

std::string background_html(const RunReport& report) {
  std::string commands, notes;
  for (const std::string& line : report.commands) commands += escape(line) + "\n";
  if (!commands.empty()) commands = fmt::format("<pre>{}</pre>\n", commands);
  for (const std::string& note : report.notes) notes += fmt::format("<li>{}</li>\n", escape(note));
  if (!notes.empty()) notes = fmt::format("<ul class=\"notes\">\n{}</ul>\n", notes);
  return section("How to read the figures", "", notes) + section("Do it again", "", commands) +
         section("Configuration", "", pairs(report.configuration)) + footer(report);
}

std::string render(const RunReport& report) {
  const std::string body = headline_html(report) + "<main>\n" + samples_html(report) + classes_html(report) +
                           confusions_html(report) + features_html(report) + curves_html(report) +
                           candidates_html(report) + sizes_html(report) + extra_sections_html(report) +
                           background_html(report) + "</main>\n";
  return page(report.title.empty() ? "dsodenet run report" : report.title, body);
}

}  // namespace dsode::report
