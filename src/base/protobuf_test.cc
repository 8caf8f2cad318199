#include "base/protobuf.h"

#include <gtest/gtest.h>

namespace dsode::protobuf {
namespace {

using namespace std::string_literals;

// The examples of the encoding's documentation.
TEST(Protobuf, WritesThePublishedExamples) {
  EXPECT_EQ(field(1, 150), "\x08\x96\x01"s);
  EXPECT_EQ(field(2, "testing"), "\x12\x07testing"s);
  EXPECT_EQ(field(3, field(1, 150)), "\x1a\x03\x08\x96\x01"s);
}

TEST(Protobuf, NegativeNumbersTakeTenBytes) {
  EXPECT_EQ(field(1, -2), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
}

TEST(Protobuf, NumbersOfFixedSizeAreLittleEndian) {
  EXPECT_EQ(field(1, 1.0), "\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"s);
  EXPECT_EQ(field(1, 1.0f), "\x0d\x00\x00\x80\x3f"s);
}

TEST(Protobuf, KeysAndLengthsBeyondSevenBitsTakeTwoBytes) {
  EXPECT_EQ(field(16, true), "\x80\x01\x01"s);
  EXPECT_EQ(field(1, std::string(128, 'x')), "\x0a\x80\x01"s + std::string(128, 'x'));
}

}  // namespace
}  // namespace dsode::protobuf
