// TensorBoard event files: curves of scalars beside metrics.jsonl. Written by hand, since Debian has no C++
// library for them and the format is two small layers: records framed by lengths and checksums (TFRecord),
// each an `Event` protobuf of which we need four fields. See tensorflow/core/lib/io/record_writer.cc and
// tensorflow/core/util/event.proto.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace dsode::train {

// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `bytes`, as TFRecord uses it before masking.
uint32_t crc32c(std::string_view bytes);

class EventWriter {
 public:
  // Starts a file of its own in `dir`, making the folder: TensorBoard joins the files of a resumed run by
  // step. Throws failed naming the file when it cannot be written.
  explicit EventWriter(const std::filesystem::path& dir);

  // One point of the curve `tag` ("loss/train"). Buffered until `flush` or the end.
  void scalar(const std::string& tag, double value, int64_t step);
  // Hands everything to the system. Throws failed naming the file (disk full).
  void flush();

  const std::filesystem::path& path() const { return path_; }

 private:
  void record(std::string_view event);

  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace dsode::train
