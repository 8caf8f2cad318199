#include "data/idx.h"

#include <fmt/ranges.h>

#include <array>
#include <limits>

#include "base/file.h"
#include "data/byte_stream.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

constexpr uint8_t kUnsignedByte = 0x08;
constexpr uint8_t kMaxDims = 4;
constexpr uint32_t kMaxInt = std::numeric_limits<int>::max();

std::vector<uint32_t> read_dims(ByteStream& in) {
  std::array<uint8_t, 4> magic;
  in.read(magic, "magic number");
  if (magic[0] != 0 || magic[1] != 0)
    throw in.error("magic number",
                   fmt::format("not an IDX file: starts with {:#04x} {:#04x}, not with two zero bytes",
                               magic[0], magic[1]));
  if (magic[2] != kUnsignedByte)
    throw in.error("element type", fmt::format("is {:#04x}, only 0x08 (unsigned byte) is read", magic[2]));
  if (magic[3] < 1 || magic[3] > kMaxDims)
    throw in.error("number of dimensions", fmt::format("is {}, not 1 to 4", magic[3]));
  std::vector<uint32_t> dims;
  for (int i = 0; i < magic[3]; ++i) {
    std::array<uint8_t, 4> b;
    in.read(b, "dimensions");
    dims.push_back(uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3]);
    if (dims.back() == 0 || dims.back() > kMaxInt)
      throw in.error("dimensions", fmt::format("dimension {} is {}", i, dims.back()));
  }
  return dims;
}

}  // namespace

IdxArray parse_idx(std::span<const uint8_t> bytes, const std::string& name) {
  ByteStream in(bytes, gzip_or_plain(bytes), name);
  IdxArray array{read_dims(in), {}};
  uint64_t count = 1;
  for (const uint32_t dim : array.dims)
    if (__builtin_mul_overflow(count, uint64_t{dim}, &count))
      throw in.error("dimensions", fmt::format("{} overflow", fmt::join(array.dims, "x")));
  array.bytes = in.read(count, "elements");
  in.expect_end("elements");
  return array;
}

Images idx_images(IdxArray array, const std::string& name) {
  const auto& d = array.dims;
  const bool colour = d.size() == 4 && d[3] == 3;
  if (d.size() < 3 || (d.size() == 4 && d[3] != 1 && !colour))
    throw bad_input(fmt::format("{}: dimensions: {} are no images", name, fmt::join(d, "x")),
                    "images are [N,H,W], [N,H,W,1] or [N,H,W,3]");
  const Shape shape{static_cast<int>(d[1]), static_cast<int>(d[2]), colour ? 3 : 1};
  return {static_cast<int>(d[0]), shape, std::move(array.bytes)};
}

std::vector<int> idx_labels(const IdxArray& array, const std::string& name) {
  if (array.dims.size() != 1)
    throw bad_input(fmt::format("{}: dimensions: {} are no labels", name, fmt::join(array.dims, "x")),
                    "labels have one dimension, [N]");
  return {array.bytes.begin(), array.bytes.end()};
}

std::optional<fs::path> find_idx(const fs::path& path) {
  std::error_code ignored;
  for (const char* suffix : {".gz", ""})
    if (fs::path file = path.string() + suffix; fs::is_regular_file(file, ignored)) return file;
  return std::nullopt;
}

Images read_idx_images(const fs::path& path) {
  return idx_images(parse_idx(read_file(path), path.string()), path.string());
}

std::vector<int> read_idx_labels(const fs::path& path) {
  return idx_labels(parse_idx(read_file(path), path.string()), path.string());
}

}  // namespace dsode::data
