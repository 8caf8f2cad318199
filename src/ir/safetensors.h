// The safetensors container of every checkpoint and artifact: a length, a JSON header, then the tensors'
// bytes (https://github.com/huggingface/safetensors). Reading treats the file as hostile; Python's library
// opens what we write.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dsode::ir {

enum class DType { kBool, kU8, kI8, kU16, kI16, kF16, kBF16, kU32, kI32, kF32, kU64, kI64, kF64 };

// The format's name ("F32") and the bytes of one element.
std::string_view dtype_name(DType dtype);
size_t dtype_size(DType dtype);

// The DType that holds T. F16 and BF16 have no C++ type here: their bits are read as uint16_t.
template <class T>
constexpr DType dtype_of();

struct Tensor {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;  // row-major; empty: a scalar
  std::vector<uint8_t>
      bytes;  // little-endian elements; aligned for every DType, being a heap block of its own

  template <class T>
  static Tensor of(std::span<const T> values, std::vector<int64_t> shape);

  // The elements. Throws bad_input where the tensor does not hold T.
  template <class T>
  std::span<const T> as() const {
    require_dtype(dtype_of<T>());
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  bool operator==(const Tensor&) const = default;

 private:
  void require_dtype(DType wanted) const;
};

struct SafeTensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor> tensors;
  std::string origin;  // the file's name, for errors

  // The tensor called `name`. Throws bad_input naming file and tensor where it is absent, or differs from
  // `dtype`, `shape`.
  const Tensor& at(const std::string& name) const;
  const Tensor& at(const std::string& name, DType dtype, const std::vector<int64_t>& shape) const;
  // Floats, all finite: bad_input names the first that is not.
  std::span<const float> finite(const std::string& name, const std::vector<int64_t>& shape) const;
};

// Throws bad_input naming `name`, the tensor and the offset, unless `file` is a whole well-formed safetensors
// file: known types, sizes that agree with shapes, data without holes or overlap, no name twice.
SafeTensors parse_safetensors(std::span<const uint8_t> file, const std::string& name);
SafeTensors load_safetensors(const std::filesystem::path& path);

// Widest elements first, then by name, so that every tensor is aligned in the file. Throws bad_input on a
// text that is not UTF-8 (a class named after a folder may be).
std::vector<uint8_t> serialize(const SafeTensors& content);
// Replaces `path` whole or not at all.
void save_safetensors(const std::filesystem::path& path, const SafeTensors& content);

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::kBool;
  else if constexpr (std::is_same_v<T, float>)
    return DType::kF32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::kF64;
  else {
    static_assert(std::is_integral_v<T>, "no safetensors type holds this");
    constexpr bool kSigned = std::is_signed_v<T>;
    if constexpr (sizeof(T) == 1)
      return kSigned ? DType::kI8 : DType::kU8;
    else if constexpr (sizeof(T) == 2)
      return kSigned ? DType::kI16 : DType::kU16;
    else if constexpr (sizeof(T) == 4)
      return kSigned ? DType::kI32 : DType::kU32;
    else
      return kSigned ? DType::kI64 : DType::kU64;
  }
}

template <class T>
Tensor Tensor::of(std::span<const T> values, std::vector<int64_t> shape) {
  Tensor tensor{dtype_of<T>(), std::move(shape), std::vector<uint8_t>(values.size_bytes())};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  return tensor;
}

}  // namespace dsode::ir
