// PNG and JPEG pictures. A mutated PNG fails its checksums at once, so they are mended here to reach what
// lies behind.
#include <zlib.h>

#include <vector>

#include "base/error.h"
#include "data/picture.h"

namespace {

uint32_t big_endian(const uint8_t* b) {
  return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
}

void mend_png_checksums(std::vector<uint8_t>& bytes) {
  constexpr size_t kMagic = 8, kAround = 12;  // length, type and CRC around a chunk's data
  for (size_t at = kMagic; at + kAround <= bytes.size();) {
    const uint64_t size = big_endian(&bytes[at]);
    if (size > bytes.size() - at - kAround) return;
    const auto crc = static_cast<uint32_t>(crc32_z(0, &bytes[at + 4], 4 + size));
    for (int i = 0; i < 4; ++i) bytes[at + 8 + size + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    at += kAround + size;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  if (size > 0 && data[0] == 0x89) mend_png_checksums(bytes);
  try {
    dsode::data::decode_picture(bytes, "fuzz");
  } catch (const dsode::Error&) {
  }
  return 0;
}
