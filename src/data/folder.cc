#include "data/folder.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "data/picture.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

constexpr Shape kFallbackShape{64, 64, 3};
constexpr uint64_t kMaxBytes = uint64_t{2} << 30;
const char* const kLayout = "expected PATH/<class>/*.png or *.jpg, or without labels PATH/*.png";

std::vector<fs::path> sorted_entries(const fs::path& dir) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error))
    if (!it->path().filename().string().starts_with('.')) entries.push_back(it->path());
  if (error)
    throw bad_input(fmt::format("{}: cannot list the folder: {}", dir.string(), error.message()), kLayout);
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<fs::path> pictures_in(const fs::path& dir) {
  std::error_code ignored;
  auto files = sorted_entries(dir);
  std::erase_if(
      files, [&](const fs::path& file) { return !is_picture(file) || !fs::is_regular_file(file, ignored); });
  return files;
}

// Appends pictures until one does not fit the set's shape.
class Collector {
 public:
  Collector(size_t count, std::optional<Shape> shape) : count_(count), fixed_(shape.has_value()) {
    if (shape) all_.shape = *shape;
  }

  void add(Images picture) {
    const Shape original = picture.shape;
    if (all_.n == 0) first_ = original;
    various_ |= original != first_;
    if (all_.n == 0 && !fixed_) all_.shape = original.size() * count_ > kMaxBytes ? kFallbackShape : original;
    if (!fixed_ && original != all_.shape && all_.shape != kFallbackShape)
      all_ = convert(all_, kFallbackShape);
    if (original != all_.shape) picture = convert(picture, all_.shape);
    all_.pixels.insert(all_.pixels.end(), picture.pixels.begin(), picture.pixels.end());
    ++all_.n;
  }

  Images take(const std::string& name) {
    if (various_ || first_ != all_.shape)
      spdlog::info("{}: {} -> {}", name, various_ ? "pictures of different sizes" : first_.text(),
                   all_.shape.text());
    return std::move(all_);
  }

 private:
  size_t count_;
  bool fixed_;
  bool various_ = false;
  Shape first_;
  Images all_;
};

}  // namespace

PictureList list_pictures(const fs::path& dir) {
  std::error_code ignored;
  PictureList list;
  for (const fs::path& entry : sorted_entries(dir)) {
    if (!fs::is_directory(entry, ignored)) continue;
    const auto files = pictures_in(entry);
    if (files.empty()) {
      spdlog::warn("{}: holds no PNG or JPEG pictures, passed over", entry.string());
      continue;
    }
    list.labels.insert(list.labels.end(), files.size(), static_cast<int>(list.classes.size()));
    list.files.insert(list.files.end(), files.begin(), files.end());
    list.classes.push_back(entry.filename().string());
  }
  const auto flat = pictures_in(dir);
  if (list.files.empty())
    list.files = flat;
  else if (!flat.empty())
    spdlog::warn("{}: {} pictures outside the class folders passed over", dir.string(), flat.size());
  if (list.files.empty())
    throw bad_input(fmt::format("{}: holds no PNG or JPEG pictures", dir.string()), kLayout);
  return list;
}

Images read_pictures(const std::vector<fs::path>& files, std::optional<Shape> shape,
                     const std::string& name) {
  Collector collector(files.size(), shape);
  for (const fs::path& file : files) collector.add(decode_picture(read_file(file), file.string()));
  return collector.take(name);
}

}  // namespace dsode::data
