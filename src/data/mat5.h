// MATLAB level-5 files: finding one real numeric array by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsode::data {

struct MatArray {
  std::vector<uint32_t> dims;   // first index fastest; their product is values.size()
  std::vector<uint8_t> values;  // whole numbers 0 to 255
};

// The array `variable`, its other variables skipped unread. Takes little-endian files, compressed or not, and
// any storage type whose values are whole numbers from 0 to 255 (MATLAB stores small doubles that way).
// Throws bad_input naming `name`, the field and the offset.
MatArray parse_mat5(std::span<const uint8_t> bytes, const std::string& name, std::string_view variable);

}  // namespace dsode::data
