// Tables for the terminal.
#pragma once

#include <string>
#include <vector>

namespace dsode {

// Columns as wide as their widest cell; cells that begin with a digit or sign stand to the right. The first
// row is the header, ruled off.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

// 1234567 -> "1,234,567".
std::string grouped(int64_t value);

}  // namespace dsode
