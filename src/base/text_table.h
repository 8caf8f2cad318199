// Tables for the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsode {

// Columns as wide as their widest cell; cells that begin with a digit or sign stand to the right. The first
// row is the header, ruled off.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

// Columns that a terminal needs for UTF-8 text of single-width characters.
size_t display_width(std::string_view text);

// 1234567 -> "1,234,567".
std::string grouped(int64_t value);

}  // namespace dsode
