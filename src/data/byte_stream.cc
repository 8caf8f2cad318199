#include "data/byte_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace dsode::data {

namespace {

// No deflate stream expands further (zlib's technical notes): what declares more is a lie.
constexpr uint64_t kMaxExpansion = 1032;
constexpr uint64_t kChunk = 1 << 20;
const char* const kRemedy = "the file is damaged or not complete: fetch or write it again";

}  // namespace

Coding gzip_or_plain(std::span<const uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b ? Coding::kGzip : Coding::kPlain;
}

void ByteStream::Close::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

ByteStream::ByteStream(std::span<const uint8_t> bytes, Coding coding, std::string name)
    : input_(bytes), name_(std::move(name)) {
  if (coding == Coding::kPlain) return;
  auto stream = std::make_unique<z_stream_s>();
  constexpr int kGzipWrapper = 16;
  const int window_bits = MAX_WBITS + (coding == Coding::kGzip ? kGzipWrapper : 0);
  if (inflateInit2(stream.get(), window_bits) != Z_OK) throw failed("zlib: cannot start inflating");
  inflater_.reset(stream.release());
}

Error ByteStream::error(std::string_view field, std::string_view what) const {
  return bad_input(fmt::format("{}: {}: {} (at {}offset {})", name_, field, what,
                               inflater_ ? "decompressed " : "", offset_),
                   kRemedy);
}

uint64_t ByteStream::most_left() const {
  if (!inflater_) return input_.size();
  // zlib may hold a window of decoded bytes whose input is consumed already.
  return ended_ ? 0 : (uint64_t{input_.size()} + 1) * kMaxExpansion + (1 << MAX_WBITS);
}

size_t ByteStream::inflate_some(std::span<uint8_t> out, std::string_view field) {
  if (ended_) return 0;
  z_stream_s& z = *inflater_;
  const size_t offered = std::min<size_t>(input_.size(), kChunk);
  z.next_in = const_cast<Bytef*>(input_.data());  // zlib's interface predates const
  z.avail_in = static_cast<uInt>(offered);
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(std::min<size_t>(out.size(), kChunk));
  const size_t room = z.avail_out;
  const int status = inflate(&z, Z_NO_FLUSH);
  input_ = input_.subspan(offered - z.avail_in);
  const size_t made = room - z.avail_out;
  ended_ = status == Z_STREAM_END;
  if (status == Z_MEM_ERROR) throw failed("zlib: out of memory");
  if (status == Z_BUF_ERROR) throw error(field, "the compressed data end early");
  if (status != Z_OK && status != Z_STREAM_END)
    throw error(field,
                fmt::format("damaged compressed data: {}", z.msg != nullptr ? z.msg : "preset dictionary"));
  return made;
}

size_t ByteStream::read_some(std::span<uint8_t> out, std::string_view field) {
  size_t done = 0;
  if (inflater_) {
    while (done < out.size() && !ended_) done += inflate_some(out.subspan(done), field);
  } else {
    done = std::min(out.size(), input_.size());
    if (done > 0) std::memcpy(out.data(), input_.data(), done);
    input_ = input_.subspan(done);
  }
  return done;
}

void ByteStream::read(std::span<uint8_t> out, std::string_view field) {
  const size_t done = read_some(out, field);
  if (done < out.size())
    throw error(field, fmt::format("needs {} bytes, but only {} are left", out.size(), done));
  offset_ += done;
}

std::vector<uint8_t> ByteStream::read(uint64_t count, std::string_view field) {
  if (count > most_left())
    throw error(field, fmt::format("declares {} bytes, more than the {} left in the file can hold", count,
                                   input_.size()));
  std::vector<uint8_t> bytes;
  // By chunks, so that a lie within the expansion limit costs no more memory than the bytes that really come.
  while (bytes.size() < count) {
    const size_t begin = bytes.size();
    bytes.resize(begin + std::min<uint64_t>(count - begin, std::max<uint64_t>(begin, kChunk)));
    const size_t done = read_some(std::span(bytes).subspan(begin), field);
    if (begin + done < bytes.size())
      throw error(field, fmt::format("declares {} bytes, but only {} are there", count, begin + done));
  }
  offset_ += count;
  return bytes;
}

void ByteStream::expect_end(std::string_view field) {
  uint8_t extra = 0;
  if (read_some({&extra, 1}, field) > 0) throw error(field, "more bytes follow than its header declares");
  if (!input_.empty())
    throw error(field, fmt::format("{} trailing bytes after the compressed data", input_.size()));
}

}  // namespace dsode::data
