#include "base/text_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace dsode {

namespace {

bool numeric(const std::string& cell) {
  return !cell.empty() &&
         (std::isdigit(static_cast<unsigned char>(cell[0])) || cell[0] == '-' || cell[0] == '+');
}

}  // namespace

size_t display_width(std::string_view text) {
  // Each byte that does not continue a UTF-8 character begins one.
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  std::vector<bool> right;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    right.resize(widths.size());
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  for (size_t i = 0; i < right.size(); ++i)
    right[i] = rows.size() > 1 && std::all_of(rows.begin() + 1, rows.end(), [&](const auto& row) {
                 return i >= row.size() || row[i].empty() || row[i] == "-" || numeric(row[i]);
               });
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string line, rule;
    for (size_t i = 0; i < rows[r].size(); ++i) {
      const std::string pad(widths[i] - display_width(rows[r][i]), ' ');
      line += (i ? "  " : "") + (right[i] ? pad + rows[r][i] : rows[r][i] + pad);
      for (size_t k = 0; k < widths[i]; ++k) rule += "─";
      if (i + 1 < rows[r].size()) rule += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (r == 0) text += rule + "\n";
  }
  return text;
}

std::string grouped(int64_t value) {
  std::string digits = std::to_string(std::abs(value));
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), 1, ',');
  return (value < 0 ? "-" : "") + digits;
}

}  // namespace dsode
