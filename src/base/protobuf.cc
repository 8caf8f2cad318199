#include "base/protobuf.h"

#include <bit>
#include <cstring>

namespace dsode::protobuf {

static_assert(std::endian::native == std::endian::little);  // as numbers of fixed size are

namespace {

enum Wire : uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void append_varint(std::string& bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

std::string key(int number, Wire wire) {
  std::string bytes;
  append_varint(bytes, static_cast<uint64_t>(number) << 3 | wire);
  return bytes;
}

template <class T>
std::string fixed(int number, Wire wire, T value) {
  std::string bytes = key(number, wire);
  return bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::string varint_field(int number, uint64_t value) {
  std::string bytes = key(number, kVarint);
  append_varint(bytes, value);
  return bytes;
}

std::string field(int number, double value) { return fixed(number, kFixed64, value); }

std::string field(int number, float value) { return fixed(number, kFixed32, value); }

std::string field(int number, std::string_view value) {
  std::string bytes = key(number, kBytes);
  append_varint(bytes, value.size());
  return bytes.append(value);
}

}  // namespace dsode::protobuf
