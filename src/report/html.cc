#include "report/html.h"

#include <fmt/format.h>

#include "report/svg.h"

namespace dsode::report {

std::string page(std::string_view title, std::string_view body_html) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
      "<title>{}</title>\n<style>{}{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      escape(title), plot_style(), page_style(), body_html);
}

std::string section(std::string_view title, std::string_view intro, std::string_view body_html) {
  if (body_html.empty()) return "";
  const std::string lead = intro.empty() ? "" : fmt::format("<p class=\"intro\">{}</p>\n", escape(intro));
  return fmt::format("<section>\n<h2>{}</h2>\n{}{}</section>\n", escape(title), lead, body_html);
}

std::string figure(std::string_view title, std::string_view note, std::string_view content_html) {
  const std::string small = note.empty() ? "" : fmt::format(" <span>{}</span>", escape(note));
  return fmt::format("<figure>\n<figcaption>{}{}</figcaption>\n{}</figure>\n", escape(title), small,
                     content_html);
}

std::string columns(const std::vector<std::string>& items_html) {
  if (items_html.empty()) return "";
  return fmt::format("<div class=\"columns\">\n{}</div>\n", fmt::join(items_html, ""));
}

std::string Table::cell_class(size_t column) const {
  const Column& c = columns_[column];
  if (!c.numeric && !c.roomy) return "";
  return fmt::format(" class=\"{}\"", c.numeric ? c.roomy ? "number roomy" : "number" : "roomy");
}

void Table::row(const std::vector<std::string>& cells_html, bool highlighted) {
  body_ += highlighted ? "<tr class=\"chosen\">" : "<tr>";
  for (size_t i = 0; i < columns_.size(); ++i) {
    const std::string_view tag = i == 0 ? "th scope=\"row\"" : "td";
    body_ += fmt::format("<{}{}>{}</{}>", tag, cell_class(i), i < cells_html.size() ? cells_html[i] : "",
                         tag.substr(0, 2));
  }
  body_ += "</tr>\n";
}

std::string Table::str() const {
  if (body_.empty()) return "";
  std::string head;
  for (size_t i = 0; i < columns_.size(); ++i)
    head += fmt::format("<th scope=\"col\"{}>{}</th>", cell_class(i), escape(columns_[i].title));
  return fmt::format(
      "<div class=\"scroll\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n", head,
      body_);
}

}  // namespace dsode::report
