// Writing Protocol Buffers, for the few messages of other people's formats that we make. A message is the
// concatenation of its fields, each varint(number << 3 | wire type) and a value
// (https://protobuf.dev/programming-guides/encoding).
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace dsode::protobuf {

std::string varint_field(int number, uint64_t value);
// `double`.
std::string field(int number, double value);
// `float`.
std::string field(int number, float value);
// `string`, `bytes` and messages.
std::string field(int number, std::string_view value);
// `int32`, `int64`, `uint32`, `uint64`, `bool` and enumerations.
std::string field(int number, std::integral auto value) {
  return varint_field(number, static_cast<uint64_t>(value));
}

}  // namespace dsode::protobuf
