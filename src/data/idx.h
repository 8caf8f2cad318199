// IDX arrays of unsigned bytes (the format of MNIST), plain or gzip: two zero bytes, element type, number of
// dimensions, each dimension as a big-endian 32-bit integer, then the elements in row-major order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

struct IdxArray {
  std::vector<uint32_t> dims;  // 1 to 4, none zero
  std::vector<uint8_t> bytes;  // as many as the product of dims
};

// Throws bad_input naming `name`, the field and the offset.
IdxArray parse_idx(std::span<const uint8_t> bytes, const std::string& name);

// [N,H,W], [N,H,W,1] or [N,H,W,3] as images; anything else is bad_input.
Images idx_images(IdxArray array, const std::string& name);
// [N] as labels.
std::vector<int> idx_labels(const IdxArray& array, const std::string& name);

// `path` with ".gz" appended or as it is, whichever is a file.
std::optional<std::filesystem::path> find_idx(const std::filesystem::path& path);

Images read_idx_images(const std::filesystem::path& path);
std::vector<int> read_idx_labels(const std::filesystem::path& path);

}  // namespace dsode::data
