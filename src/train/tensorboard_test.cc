#include "train/tensorboard.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace dsode::train {
namespace {

namespace fs = std::filesystem;

template <class T>
T take(std::string_view& bytes) {
  if (bytes.size() < sizeof(T)) throw std::runtime_error("record cut short");
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

std::string_view take_bytes(std::string_view& bytes, uint64_t size) {
  if (bytes.size() < size) throw std::runtime_error("field cut short");
  const auto head = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return head;
}

uint64_t take_varint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = take<uint8_t>(bytes);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  throw std::runtime_error("varint without an end");
}

uint32_t unmask(uint32_t masked) { return std::rotl(masked - 0xA282EAD8u, 15); }

struct Point {
  double wall_time = 0;
  int64_t step = 0;
  std::string version, tag;
  float value = 0;
};

// Reads the fields of Event, Summary and Summary.Value alike into one point; `level` 0, 1, 2.
void decode(std::string_view message, int level, Point& point) {
  while (!message.empty()) {
    const uint64_t key = take_varint(message);
    switch (level * 100 + static_cast<int>(key)) {
      case 1 << 3 | 1:
        point.wall_time = take<double>(message);
        break;
      case 2 << 3 | 0:
        point.step = static_cast<int64_t>(take_varint(message));
        break;
      case 3 << 3 | 2:
        point.version = take_bytes(message, take_varint(message));
        break;
      case 5 << 3 | 2:
        decode(take_bytes(message, take_varint(message)), 1, point);
        break;
      case 100 + (1 << 3 | 2):
        decode(take_bytes(message, take_varint(message)), 2, point);
        break;
      case 200 + (1 << 3 | 2):
        point.tag = take_bytes(message, take_varint(message));
        break;
      case 200 + (2 << 3 | 5):
        point.value = take<float>(message);
        break;
      default:
        throw std::runtime_error("unexpected field");
    }
  }
}

std::vector<Point> read_events(const fs::path& path) {
  const std::string text = read_text(path);
  std::string_view bytes = text;
  std::vector<Point> points;
  while (!bytes.empty()) {
    const std::string_view length_bytes = bytes.substr(0, 8);
    const auto length = take<uint64_t>(bytes);
    EXPECT_EQ(unmask(take<uint32_t>(bytes)), crc32c(length_bytes));
    const std::string_view event = take_bytes(bytes, length);
    EXPECT_EQ(unmask(take<uint32_t>(bytes)), crc32c(event));
    decode(event, 0, points.emplace_back());
  }
  return points;
}

class EventWriterTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(dir_); }
  void TearDown() override { fs::remove_all(dir_); }
  const fs::path dir_ = fs::path(testing::TempDir()) / "dsode_tensorboard_test";
};

TEST(Crc32c, MatchesThePublishedVectors) {  // RFC 3720, B.4
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST_F(EventWriterTest, StartsWithTheVersionAndKeepsEveryScalar) {
  EventWriter writer(dir_ / "events");
  writer.scalar("loss/train", 0.25, 0);
  writer.scalar("accuracy/val", 97.5, int64_t{1} << 40);
  writer.flush();
  const auto points = read_events(writer.path());
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].version, "brain.Event:2");
  EXPECT_GT(points[0].wall_time, 1.6e9);  // seconds since 1970
  EXPECT_EQ(points[1].tag, "loss/train");
  EXPECT_EQ(points[1].value, 0.25f);
  EXPECT_EQ(points[1].step, 0);
  EXPECT_EQ(points[2].tag, "accuracy/val");
  EXPECT_EQ(points[2].value, 97.5f);
  EXPECT_EQ(points[2].step, int64_t{1} << 40);
}

TEST_F(EventWriterTest, NamesLongerThanOneLengthByteAndNanSurvive) {
  EventWriter writer(dir_);
  const std::string tag(300, 'x');
  writer.scalar(tag, std::numeric_limits<double>::quiet_NaN(), 7);
  writer.flush();
  const auto points = read_events(writer.path());
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[1].tag, tag);
  EXPECT_TRUE(std::isnan(points[1].value));
}

TEST_F(EventWriterTest, ASecondWriterLeavesTheFirstFileAlone) {
  const EventWriter first(dir_), second(dir_);
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(read_events(first.path()).size(), 1u);
}

TEST_F(EventWriterTest, APathThatCannotBeAFolderIsReported) {
  fs::create_directories(dir_);
  write_file(dir_ / "file", std::string_view("x"));
  try {
    EventWriter writer(dir_ / "file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kFailed);
    EXPECT_NE(std::string(error.what()).find("file"), std::string::npos);
  }
}

}  // namespace
}  // namespace dsode::train
