// The bytes of a hostile file in order, inflated on the fly, with every read checked against what there is.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

struct z_stream_s;

namespace dsode::data {

enum class Coding { kPlain, kGzip, kZlib };

// kGzip where the magic bytes say so, else kPlain.
Coding gzip_or_plain(std::span<const uint8_t> bytes);

// Reads `bytes` (which must outlive the stream) front to back. All errors are bad_input naming `name`, the
// field being read and the offset in the decoded bytes. Memory stays in proportion to the bytes really there.
class ByteStream {
 public:
  ByteStream(std::span<const uint8_t> bytes, Coding coding, std::string name);

  // Exactly `out.size()` bytes.
  void read(std::span<uint8_t> out, std::string_view field);
  // Exactly `count` bytes; a count that the file cannot hold is refused before it is allocated.
  std::vector<uint8_t> read(uint64_t count, std::string_view field);
  // Refuses bytes left over, and checks the checksum of a compressed stream.
  void expect_end(std::string_view field);

  const std::string& name() const { return name_; }
  uint64_t offset() const { return offset_; }
  // An error about `field`, which lies at the present offset.
  Error error(std::string_view field, std::string_view what) const;

 private:
  struct Close {
    void operator()(z_stream_s* stream) const;
  };
  size_t read_some(std::span<uint8_t> out, std::string_view field);
  size_t inflate_some(std::span<uint8_t> out, std::string_view field);
  uint64_t most_left() const;

  std::span<const uint8_t> input_;  // not consumed yet
  std::unique_ptr<z_stream_s, Close> inflater_;
  bool ended_ = false;  // the compressed stream said so, its checksum matched
  std::string name_;
  uint64_t offset_ = 0;  // decoded bytes delivered
};

}  // namespace dsode::data
