#include "data/cifar.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

constexpr Shape kShape{32, 32, 3};
constexpr size_t kPlane = 32 * 32;
constexpr size_t kRecord = 1 + 3 * kPlane;
constexpr int kClasses = 10;

bool belongs_to(const std::string& filename, Split split) {
  if (split == Split::kTest) return filename == "test_batch.bin";
  return filename.starts_with("data_batch_") && filename.ends_with(".bin");
}

std::vector<fs::path> batch_files(const fs::path& path, Split split) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    if (belongs_to(it->path().filename().string(), split)) files.push_back(it->path());
  if (error)
    throw bad_input(fmt::format("{}: cannot list the folder: {}", path.string(), error.message()),
                    "check its name and that you may read it");
  if (files.empty())
    throw bad_input(fmt::format("{}: holds no {}", path.string(),
                                split == Split::kTrain ? "data_batch_*.bin" : "test_batch.bin"),
                    "name the folder cifar-10-batches-bin, or one .bin file");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void parse_cifar(std::span<const uint8_t> bytes, const std::string& name, Images& images,
                 std::vector<int>* labels) {
  if (bytes.empty() || bytes.size() % kRecord != 0)
    throw bad_input(
        fmt::format("{}: {} bytes are no whole number of {}-byte records", name, bytes.size(), kRecord),
        "the file is truncated, or not CIFAR-10's binary version");
  images.shape = kShape;
  for (size_t at = 0; at < bytes.size(); at += kRecord) {
    if (labels != nullptr) {
      if (bytes[at] >= kClasses)
        throw bad_input(
            fmt::format("{}: label {} at offset {} is not below {}", name, bytes[at], at, kClasses),
            "the file is damaged, or not CIFAR-10's binary version");
      labels->push_back(bytes[at]);
    }
    const auto planes = bytes.subspan(at + 1, 3 * kPlane);
    for (size_t i = 0; i < kPlane; ++i)
      for (size_t c = 0; c < 3; ++c) images.pixels.push_back(planes[c * kPlane + i]);
    ++images.n;
  }
}

Images read_cifar(const fs::path& path, Split split, std::vector<int>* labels) {
  Images images;
  for (const fs::path& file : batch_files(path, split))
    parse_cifar(read_file(file), file.string(), images, labels);
  return images;
}

}  // namespace dsode::data
