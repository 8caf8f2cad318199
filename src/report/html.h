// Pieces of the page. Arguments named `html` are markup already; all others are plain text and get escaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsode::report {

// A complete document with the style inside and a content policy that forbids scripts and the network.
std::string page(std::string_view title, std::string_view body_html);

// A titled part of the page, "" where `body_html` is empty; `intro` may be "".
std::string section(std::string_view title, std::string_view intro, std::string_view body_html);

// A picture with its caption underneath its title.
std::string figure(std::string_view title, std::string_view note, std::string_view content_html);

// Charts side by side where there is room.
std::string columns(const std::vector<std::string>& items_html);

// A table column: numbers are set flush right in tabular figures; `roomy` columns go away on a phone.
struct Column {
  std::string title;
  bool numeric = false;
  bool roomy = false;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Missing cells are empty, those beyond the columns are dropped.
  void row(const std::vector<std::string>& cells_html, bool highlighted = false);
  // "" where no row was added.
  std::string str() const;

 private:
  std::string cell_class(size_t column) const;
  std::vector<Column> columns_;
  std::string body_;
};

// CSS of the page; plot_style() holds its colours.
std::string_view page_style();

}  // namespace dsode::report
