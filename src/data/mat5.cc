// Own code, not libmatio: that allocates what a file declares (2.5 GB for one of 232 bytes), so hostile files
// could take a machine down. The tests let libmatio write what is read here.
#include "data/mat5.h"

#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "data/byte_stream.h"

namespace dsode::data {

namespace {

// Data types and array flags of "MAT-File Format" (MathWorks), tables 1-1 and 1-3.
enum Type : uint32_t {
  kInt8 = 1,
  kUint8 = 2,
  kInt16 = 3,
  kUint16 = 4,
  kInt32 = 5,
  kUint32 = 6,
  kSingle = 7,
  kDouble = 9,
  kMatrix = 14,
  kCompressed = 15,
};
constexpr uint32_t kFirstNumericClass = 6, kLastNumericClass = 13;  // mxDOUBLE_CLASS to mxUINT32_CLASS
constexpr uint32_t kComplexFlag = 0x0800;
constexpr size_t kHeaderSize = 128;
constexpr uint32_t kMaxDims = 8, kMaxName = 64;

static_assert(std::endian::native == std::endian::little, "values are copied as the file holds them");

template <class T>
T load(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

struct Tag {
  uint32_t type = 0;
  uint32_t size = 0;              // bytes of data
  bool small = false;             // the data are inside the tag
  std::array<uint8_t, 4> data{};  // of a small element
};

Tag read_tag(ByteStream& in, std::string_view field) {
  std::array<uint8_t, 8> b;
  in.read(b, field);
  const auto first = load<uint32_t>(b.data());
  if (first >> 16 == 0) return {first, load<uint32_t>(&b[4]), false, {}};
  const Tag tag{first & 0xffff, first >> 16, true, {b[4], b[5], b[6], b[7]}};
  if (tag.size > tag.data.size()) throw in.error(field, fmt::format("small element of {} bytes", tag.size));
  return tag;
}

// The data of an element, with the padding to 8 bytes behind it.
std::vector<uint8_t> read_data(ByteStream& in, const Tag& tag, std::string_view field) {
  if (tag.small) return {tag.data.begin(), tag.data.begin() + tag.size};
  auto data = in.read(tag.size, field);
  std::array<uint8_t, 8> padding;
  in.read(std::span(padding).first((8 - tag.size % 8) % 8), field);
  return data;
}

std::vector<uint8_t> read_element(ByteStream& in, uint32_t type, uint32_t max_size, std::string_view field) {
  const Tag tag = read_tag(in, field);
  if (tag.type != type || tag.size > max_size)
    throw in.error(field, fmt::format("element of type {} with {} bytes, not of type {} with at most {}",
                                      tag.type, tag.size, type, max_size));
  return read_data(in, tag, field);
}

// Whole numbers of 0 to 255, of whatever storage type.
template <class T>
std::vector<uint8_t> narrow(const std::vector<uint8_t>& data, const ByteStream& in, std::string_view field) {
  if (data.size() % sizeof(T) != 0) throw in.error(field, "holds a part of a value");
  std::vector<uint8_t> values(data.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = load<T>(data.data() + i * sizeof(T));  // exact for every type
    if (!(value >= 0 && value <= 255) || value != std::floor(value))
      throw in.error(field, fmt::format("value {} is {}, not a whole number from 0 to 255", i, value));
    values[i] = static_cast<uint8_t>(value);
  }
  return values;
}

std::vector<uint8_t> read_values(ByteStream& in, std::string_view variable) {
  const Tag tag = read_tag(in, variable);
  auto data = read_data(in, tag, variable);
  switch (tag.type) {
    case kUint8:
      return data;
    case kInt8:
      return narrow<int8_t>(data, in, variable);
    case kInt16:
      return narrow<int16_t>(data, in, variable);
    case kUint16:
      return narrow<uint16_t>(data, in, variable);
    case kInt32:
      return narrow<int32_t>(data, in, variable);
    case kUint32:
      return narrow<uint32_t>(data, in, variable);
    case kSingle:
      return narrow<float>(data, in, variable);
    case kDouble:
      return narrow<double>(data, in, variable);
    default:
      throw in.error(variable, fmt::format("storage type {} is no number type", tag.type));
  }
}

// Inside an miMATRIX element: the array if it is `variable`, nothing read of its values if not.
std::optional<MatArray> read_matrix(ByteStream& in, std::string_view variable) {
  const auto flags = read_element(in, kUint32, 8, "array flags");
  if (flags.size() != 8) throw in.error("array flags", "not 8 bytes long");
  const auto dims = read_element(in, kInt32, 4 * kMaxDims, "dimensions");
  const auto array_name = read_element(in, kInt8, kMaxName, "array name");
  if (!std::equal(array_name.begin(), array_name.end(), variable.begin(), variable.end()))
    return std::nullopt;

  const auto flag_word = load<uint32_t>(flags.data());
  const uint32_t array_class = flag_word & 0xff;
  if (array_class < kFirstNumericClass || array_class > kLastNumericClass || (flag_word & kComplexFlag) != 0)
    throw in.error(variable, fmt::format("array class {} is not real and numeric", array_class));
  MatArray array;
  uint64_t count = 1;
  for (size_t at = 0; at + 4 <= dims.size(); at += 4) {
    array.dims.push_back(load<uint32_t>(dims.data() + at));
    if (__builtin_mul_overflow(count, uint64_t{array.dims.back()}, &count))
      throw in.error("dimensions", "their product overflows");
  }
  array.values = read_values(in, variable);
  if (array.dims.empty() || array.values.size() != count)
    throw in.error(variable, fmt::format("{} values, but dimensions {}", array.values.size(),
                                         fmt::join(array.dims, "x")));
  return array;
}

void check_header(std::span<const uint8_t> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const char* remedy = "save it as level 5 (MATLAB: save -v7, SciPy: savemat)";
  if (text.starts_with("\x89HDF") || text.starts_with("MATLAB 7.3"))
    throw bad_input(name + ": header: a MAT file of version 7.3 (HDF5)", remedy);
  if (text.size() < kHeaderSize || text.substr(126, 2) != "IM" || load<uint16_t>(&bytes[124]) != 0x0100)
    throw bad_input(name + ": header: not a little-endian MAT file of level 5", remedy);
}

}  // namespace

MatArray parse_mat5(std::span<const uint8_t> bytes, const std::string& name, std::string_view variable) {
  check_header(bytes, name);
  for (size_t at = kHeaderSize; at < bytes.size();) {
    const std::string where = fmt::format("{}: element at offset {}", name, at);
    ByteStream outer(bytes.subspan(at), Coding::kPlain, where);
    const Tag tag = read_tag(outer, "tag");
    const size_t begin = at + 8;
    if (tag.small || tag.size > bytes.size() - begin)
      throw outer.error("size",
                        fmt::format("{} bytes, but the file ends after {}", tag.size, bytes.size() - begin));
    const auto element = bytes.subspan(begin, tag.size);
    at = begin + tag.size;

    std::optional<MatArray> found;
    if (tag.type == kCompressed) {
      ByteStream in(element, Coding::kZlib, where);
      if (read_tag(in, "tag").type == kMatrix) found = read_matrix(in, variable);
      if (found) in.expect_end(variable);
    } else if (tag.type == kMatrix) {
      ByteStream in(element, Coding::kPlain, where);
      found = read_matrix(in, variable);
    }
    if (found) return std::move(*found);
  }
  throw bad_input(fmt::format("{}: holds no variable '{}'", name, variable),
                  "use the cropped digits, train_32x32.mat or test_32x32.mat");
}

}  // namespace dsode::data
