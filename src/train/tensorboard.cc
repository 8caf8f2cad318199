#include "train/tensorboard.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "base/protobuf.h"

namespace dsode::train {

using protobuf::field;

// TFRecord is little-endian.
static_assert(std::endian::native == std::endian::little);

namespace {

constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
    table[byte] = crc;
  }
  return table;
}();

// TFRecord stores checksums rotated and offset, so that checksums of data holding checksums stay sound.
uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8u; }

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

// A name that sorts by time, and is new even where one process starts several writers in a second.
std::string file_name() {
  static int count = 0;
  return fmt::format("events.out.tfevents.{}.{}.{}.{}", static_cast<int64_t>(wall_time()), host_name(),
                     ::getpid(), count++);
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (unsigned char byte : bytes) crc = kCrcTable[(crc ^ byte) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

EventWriter::EventWriter(const std::filesystem::path& dir) : path_(dir / file_name()) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error)
    throw failed(fmt::format("{}: cannot create: {}", dir.string(), error.message()),
                 "name a folder where you may write");
  out_.open(path_, std::ios::binary);
  // Event.wall_time = 1, Event.file_version = 3
  record(field(1, wall_time()) + field(3, "brain.Event:2"));
  flush();
}

void EventWriter::scalar(const std::string& tag, double value, int64_t step) {
  // Summary.Value.tag = 1, .simple_value = 2; Summary.value = 1
  const std::string point = field(1, tag) + field(2, static_cast<float>(value));
  const std::string summary = field(1, point);
  // Event.step = 2, .summary = 5
  record(field(1, wall_time()) + field(2, step) + field(5, summary));
}

void EventWriter::flush() {
  errno = 0;
  if (!out_.flush())
    throw failed(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno != 0 ? errno : EIO)),
                 "free some disk space, or check the folder's permissions");
}

// TFRecord: length u64, masked CRC of the length, the bytes, masked CRC of the bytes.
void EventWriter::record(std::string_view event) {
  const std::string length = raw(static_cast<uint64_t>(event.size()));
  out_ << length << raw(masked_crc(length)) << event << raw(masked_crc(event));
}

}  // namespace dsode::train
