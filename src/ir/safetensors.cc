#include "ir/safetensors.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/names.h"
#include "ir/json_guard.h"

namespace dsode::ir {

// The format is little-endian, and `as` hands out the file's bytes.
static_assert(std::endian::native == std::endian::little);

namespace {

using nlohmann::json;

struct DTypeInfo {
  std::string_view name;
  size_t size;
};

// In the order of DType.
constexpr DTypeInfo kDTypes[] = {
    {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"U16", 2}, {"I16", 2}, {"F16", 2}, {"BF16", 2},
    {"U32", 4},  {"I32", 4}, {"F32", 4}, {"U64", 8}, {"I64", 8}, {"F64", 8},
};

constexpr std::string_view kMetadata = "__metadata__";
constexpr size_t kLengthBytes = 8;  // the header's length, u64
constexpr size_t kHeaderLimit =
    16 << 20;  // far above any model here; the DOM takes some ten times as much memory
constexpr size_t kNameLimit = 512;
constexpr JsonLimits kLimits{
    .depth = 3, .names = kHeaderLimit, .name_bytes = kNameLimit};  // {"name": {"shape": [

// Throws for one file; every message starts with its name.
struct Refuse {
  const std::string& file;

  [[noreturn]] void operator()(const std::string& what) const {
    throw bad_input(fmt::format("{}: not a valid safetensors file: {}", file, what),
                    "the file is damaged or was cut short: copy or create it again");
  }
  [[noreturn]] void tensor(const std::string& name, const std::string& what) const {
    (*this)(fmt::format("tensor {:?}: {}", name, what));
  }
};

// The header's text; the data follows it.
std::string_view header_text(std::span<const uint8_t> file, const Refuse& refuse) {
  if (file.size() < kLengthBytes)
    refuse(fmt::format("{} bytes, the header's length alone takes 8", file.size()));
  uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  if (length > kHeaderLimit)
    refuse(fmt::format("offset 0: a header of {} bytes, the limit is {}", length, kHeaderLimit));
  if (length > file.size() - kLengthBytes)
    refuse(fmt::format("offset 0: a header of {} bytes in a file of {}", length, file.size()));
  return {reinterpret_cast<const char*>(file.data()) + kLengthBytes, length};
}

json parse_header(std::string_view text, const Refuse& refuse) {
  if (!text.starts_with('{'))
    refuse(fmt::format("offset {}: the header does not start with '{{'", kLengthBytes));
  guard_json(text, kLimits, [&](const std::string& what) { refuse("the header: " + what); });
  try {
    return json::parse(text.begin(), text.end());
  } catch (const json::parse_error& error) {
    refuse(fmt::format("offset {}: the header is not JSON", kLengthBytes + error.byte));
  } catch (const json::out_of_range&) {  // 1e999
    refuse(fmt::format("offset {}: the header holds a number too large", kLengthBytes));
  }
}

std::map<std::string, std::string> parse_metadata(const json& entry, const Refuse& refuse) {
  if (!entry.is_object()) refuse(fmt::format("{} is not an object", kMetadata));
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) refuse(fmt::format("{}: {:?} is not a string", kMetadata, key));
    metadata.emplace(key, value.get<std::string>());
  }
  return metadata;
}

// An array of non-negative integers that fit int64, or nothing.
std::optional<std::vector<int64_t>> counts(const json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<int64_t> result;
  for (const json& item : value) {
    if (!item.is_number_unsigned() || item.get<uint64_t>() > INT64_MAX) return std::nullopt;
    result.push_back(item.get<int64_t>());
  }
  return result;
}

// Bytes of a tensor, or nothing where that overflows.
std::optional<uint64_t> byte_count(DType dtype, const std::vector<int64_t>& shape) {
  uint64_t bytes = dtype_size(dtype);
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) return std::nullopt;
  return bytes;
}

// A header entry: its tensor without bytes, and where in the data they lie.
struct Entry {
  std::string name;
  Tensor tensor;
  uint64_t begin = 0, end = 0;
};

Entry parse_entry(const std::string& name, const json& value, const Refuse& refuse) {
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets"))
    refuse.tensor(name, "dtype, shape and data_offsets expected, and nothing else");
  Entry entry;
  entry.name = name;
  const json& dtype = value["dtype"];
  const auto info = std::ranges::find_if(kDTypes, [&](const DTypeInfo& i) { return dtype == i.name; });
  if (info == std::end(kDTypes)) refuse.tensor(name, "dtype is none of those supported");
  entry.tensor.dtype = static_cast<DType>(info - kDTypes);

  auto shape = counts(value["shape"]);
  if (!shape) refuse.tensor(name, "shape is not a list of sizes");
  const auto offsets = counts(value["data_offsets"]);
  if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1])
    refuse.tensor(name, "data_offsets is not [begin, end]");
  entry.begin = (*offsets)[0];
  entry.end = (*offsets)[1];
  if (byte_count(entry.tensor.dtype, *shape) != entry.end - entry.begin)
    refuse.tensor(name, fmt::format("data_offsets [{}, {}] do not fit {} of shape [{}]", entry.begin,
                                    entry.end, info->name, fmt::join(*shape, ", ")));
  entry.tensor.shape = std::move(*shape);
  return entry;
}

// Copies the tensors' bytes; laid end to end, they must be the data, whole.
void fill_tensors(std::vector<Entry>& entries, std::span<const uint8_t> data, size_t data_offset,
                  const Refuse& refuse) {
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  uint64_t position = 0;
  for (Entry& entry : entries) {
    if (entry.begin != position)
      refuse.tensor(entry.name, fmt::format("data at offset {} {} what ends at {}", data_offset + entry.begin,
                                            entry.begin < position ? "overlaps" : "leaves a hole after",
                                            data_offset + position));
    if (entry.end > data.size())
      refuse.tensor(entry.name, fmt::format("data up to offset {} in a file of {} bytes",
                                            data_offset + entry.end, data_offset + data.size()));
    const auto bytes = data.subspan(entry.begin, entry.end - entry.begin);
    entry.tensor.bytes.assign(bytes.begin(), bytes.end());
    position = entry.end;
  }
  if (position != data.size())
    refuse(fmt::format("offset {}: {} bytes belong to no tensor", data_offset + position,
                       data.size() - position));
}

using Item = std::pair<const std::string, Tensor>;

std::vector<const Item*> file_order(const SafeTensors& content) {
  std::vector<const Item*> items;
  for (const Item& item : content.tensors) items.push_back(&item);
  std::ranges::stable_sort(items, std::greater{},
                           [](const Item* item) { return dtype_size(item->second.dtype); });
  return items;
}

// Padded with spaces, so that the data starts at a multiple of 8.
std::string make_header(const SafeTensors& content, const std::vector<const Item*>& items) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) header[std::string(kMetadata)] = content.metadata;
  uint64_t offset = 0;
  for (const Item* item : items) {
    const auto& [name, tensor] = *item;
    DSODE_CHECK(name != kMetadata && name.size() <= kNameLimit, "tensor {:?}", name);
    DSODE_CHECK(byte_count(tensor.dtype, tensor.shape) == tensor.bytes.size(),
                "tensor {:?}: {} bytes, shape [{}]", name, tensor.bytes.size(),
                fmt::join(tensor.shape, ", "));
    header[name] = {{"dtype", dtype_name(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    throw bad_input("cannot save: a class name or another text of the model is not valid UTF-8", "rename it");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

std::string_view dtype_name(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].name; }
size_t dtype_size(DType dtype) { return kDTypes[static_cast<size_t>(dtype)].size; }

void Tensor::require_dtype(DType wanted) const {
  const bool bits = wanted == DType::kU16 && (dtype == DType::kF16 || dtype == DType::kBF16);
  if (dtype != wanted && !bits)
    throw bad_input(fmt::format("a tensor holds {}, {} expected", dtype_name(dtype), dtype_name(wanted)),
                    "is this the checkpoint of another architecture?");
}

const Tensor& SafeTensors::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found != tensors.end()) return found->second;
  std::vector<std::string> names;
  for (const Item& item : tensors) names.push_back(item.first);
  const std::string nearest = nearest_name(name, names);
  throw bad_input(fmt::format("{}: tensor {:?} is missing", origin, name),
                  nearest.empty() ? "is this the checkpoint of another architecture?"
                                  : fmt::format("the nearest name in the file is {:?}", nearest));
}

const Tensor& SafeTensors::at(const std::string& name, DType dtype, const std::vector<int64_t>& shape) const {
  const Tensor& tensor = at(name);
  if (tensor.dtype != dtype || tensor.shape != shape)
    throw bad_input(
        fmt::format("{}: tensor {:?} is {} [{}], {} [{}] expected", origin, name, dtype_name(tensor.dtype),
                    fmt::join(tensor.shape, ", "), dtype_name(dtype), fmt::join(shape, ", ")),
        "is this the checkpoint of another architecture?");
  return tensor;
}

std::span<const float> SafeTensors::finite(const std::string& name, const std::vector<int64_t>& shape) const {
  const auto values = at(name, DType::kF32, shape).as<float>();
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw bad_input(fmt::format("{}: tensor '{}' holds {} at element {}", origin, name, values[i], i),
                      "the checkpoint is damaged or its training diverged: use an earlier one");
  return values;
}

SafeTensors parse_safetensors(std::span<const uint8_t> file, const std::string& name) {
  const Refuse refuse{name};
  const std::string_view text = header_text(file, refuse);
  const json header = parse_header(text, refuse);
  SafeTensors result;
  result.origin = name;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.items()) {
    if (key == kMetadata)
      result.metadata = parse_metadata(value, refuse);
    else
      entries.push_back(parse_entry(key, value, refuse));
  }
  const size_t data_offset = kLengthBytes + text.size();
  fill_tensors(entries, file.subspan(data_offset), data_offset, refuse);
  for (Entry& entry : entries) result.tensors.emplace(std::move(entry.name), std::move(entry.tensor));
  return result;
}

SafeTensors load_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::vector<uint8_t> serialize(const SafeTensors& content) {
  const std::vector<const Item*> items = file_order(content);
  const std::string header = make_header(content, items);
  const uint64_t length = header.size();
  size_t total = kLengthBytes + header.size();
  for (const Item* item : items) total += item->second.bytes.size();
  std::vector<uint8_t> file(total);
  std::memcpy(file.data(), &length, kLengthBytes);
  auto out = std::ranges::copy(header, file.begin() + kLengthBytes).out;
  for (const Item* item : items) out = std::ranges::copy(item->second.bytes, out).out;
  return file;
}

void save_safetensors(const std::filesystem::path& path, const SafeTensors& content) {
  write_file(path, serialize(content));
}

}  // namespace dsode::ir
