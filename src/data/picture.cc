#include "data/picture.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "base/error.h"

namespace dsode::data {

namespace {

constexpr uint64_t kMaxPixels = 64'000'000;
// A byte of deflate data makes at most 1032 bytes, of 8 one-bit pixels each.
constexpr uint64_t kMaxPixelsPerByte = 8 * 1032;
constexpr std::array<uint8_t, 8> kPngMagic{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

Error damaged(const std::string& name, size_t offset, std::string_view what) {
  return bad_input(fmt::format("{}: {} (at offset {})", name, what, offset),
                   "the picture is damaged or not complete: remove it or save it again");
}

uint32_t big_endian(std::span<const uint8_t> bytes) {
  uint32_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

void check_size(uint64_t width, uint64_t height, size_t bytes, const std::string& name) {
  const uint64_t pixels = width * height;
  if (pixels == 0 || pixels > bytes * kMaxPixelsPerByte)
    throw damaged(name, 0, fmt::format("declares {}x{} pixels in {} bytes", width, height, bytes));
  if (pixels > kMaxPixels)
    throw bad_input(
        fmt::format("{}: {}x{} pixels, more than {} million", name, width, height, kMaxPixels / 1'000'000),
        "save it smaller");
}

// Walks the chunks to IEND: length, type, data, CRC.
void check_png(std::span<const uint8_t> bytes, const std::string& name) {
  size_t at = kPngMagic.size();
  for (bool first = true;; first = false) {
    if (bytes.size() - at < 12) throw damaged(name, at, "PNG chunk cut off");
    const uint64_t size = big_endian(bytes.subspan(at, 4));
    if (size > bytes.size() - at - 12) throw damaged(name, at, "PNG chunk cut off");
    const auto checked = bytes.subspan(at + 4, 4 + size);
    const std::string_view type(reinterpret_cast<const char*>(checked.data()), 4);
    if (crc32_z(0, checked.data(), checked.size()) != big_endian(bytes.subspan(at + 8 + size, 4)))
      throw damaged(name, at, "PNG chunk fails its checksum");
    if (first && (type != "IHDR" || size != 13)) throw damaged(name, at, "PNG without a header chunk");
    if (first)
      check_size(big_endian(checked.subspan(4, 4)), big_endian(checked.subspan(8, 4)), bytes.size(), name);
    if (type == "IEND") return;
    at += 12 + size;
  }
}

bool starts_frame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Walks the segments to the first scan, then looks for the end marker: inside a scan 0xFF is followed by 0x00
// or a restart marker, so that 0xFFD9 is nothing else.
void check_jpeg(std::span<const uint8_t> bytes, const std::string& name) {
  constexpr uint8_t kStartOfScan = 0xDA, kEndOfImage[] = {0xFF, 0xD9};
  bool framed = false;
  for (size_t at = 2;;) {
    if (bytes.size() - at < 4) throw damaged(name, at, "JPEG segment cut off");
    if (bytes[at] != 0xFF) throw damaged(name, at, "no JPEG marker");
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    const size_t size = big_endian(bytes.subspan(at + 2, 2));
    if (size < 2 || size > bytes.size() - at - 2) throw damaged(name, at, "JPEG segment cut off");
    if (starts_frame(marker)) {
      if (size < 8) throw damaged(name, at, "JPEG frame header too short");
      check_size(big_endian(bytes.subspan(at + 7, 2)), big_endian(bytes.subspan(at + 5, 2)), bytes.size(),
                 name);
      framed = true;
    }
    at += 2 + size;
    if (marker != kStartOfScan) continue;
    if (!framed) throw damaged(name, at, "JPEG scan without a frame header");
    const auto scan = bytes.subspan(at);
    if (std::search(scan.begin(), scan.end(), std::begin(kEndOfImage), std::end(kEndOfImage)) == scan.end())
      throw damaged(name, bytes.size(), "JPEG ends before its end marker");
    return;
  }
}

}  // namespace

bool is_picture(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

Images decode_picture(std::span<const uint8_t> bytes, const std::string& name) {
  if (bytes.size() >= kPngMagic.size() && std::equal(kPngMagic.begin(), kPngMagic.end(), bytes.begin()))
    check_png(bytes, name);
  else if (bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF)
    check_jpeg(bytes, name);
  else
    throw damaged(name, 0, "neither a PNG nor a JPEG picture");

  if (bytes.size() > std::numeric_limits<int>::max()) throw damaged(name, 0, "over 2 GiB");
  cv::Mat picture;
  try {
    const cv::Mat wrapped(1, static_cast<int>(bytes.size()), CV_8U, const_cast<uint8_t*>(bytes.data()));
    picture = cv::imdecode(wrapped, cv::IMREAD_ANYCOLOR);
    if (picture.channels() == 3) cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  } catch (const cv::Exception& e) {
    throw damaged(name, 0, "cannot decode: " + e.err);
  }
  if (picture.empty() || picture.depth() != CV_8U || (picture.channels() != 1 && picture.channels() != 3))
    throw damaged(name, 0, "cannot decode");
  if (!picture.isContinuous()) picture = picture.clone();
  return {1, {picture.rows, picture.cols, picture.channels()}, {picture.datastart, picture.dataend}};
}

}  // namespace dsode::data
