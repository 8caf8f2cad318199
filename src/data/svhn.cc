#include "data/svhn.h"

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/file.h"
#include "data/mat5.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

constexpr uint32_t kSide = 32, kChannels = 3;

// MATLAB's [H,W,C,N] has its first index fastest; ours is [N,H,W,C] with the last one fastest.
std::vector<uint8_t> to_interleaved(const std::vector<uint8_t>& x, size_t n) {
  std::vector<uint8_t> pixels(x.size());
  uint8_t* out = pixels.data();
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* image = x.data() + i * kSide * kSide * kChannels;
    for (size_t h = 0; h < kSide; ++h)
      for (size_t w = 0; w < kSide; ++w)
        for (size_t c = 0; c < kChannels; ++c) *out++ = image[h + kSide * (w + kSide * c)];
  }
  return pixels;
}

std::vector<int> digits(const MatArray& y, const std::string& name) {
  std::vector<int> labels;
  for (const uint8_t value : y.values) {
    if (value < 1 || value > 10)
      throw bad_input(fmt::format("{}: y: label {} of image {} is not 1 to 10", name, value, labels.size()),
                      "the file is damaged, or not the cropped digits of SVHN");
    labels.push_back(value % 10);
  }
  return labels;
}

}  // namespace

Images parse_svhn(std::span<const uint8_t> bytes, const std::string& name, std::vector<int>* labels) {
  const MatArray x = parse_mat5(bytes, name, "X");
  // MATLAB drops a last dimension of 1.
  const bool single = x.dims.size() == 3;
  if ((x.dims.size() != 4 && !single) || x.dims[0] != kSide || x.dims[1] != kSide || x.dims[2] != kChannels ||
      x.values.empty())
    throw bad_input(fmt::format("{}: X: dimensions {}, not 32x32x3xN", name, fmt::join(x.dims, "x")),
                    "use the cropped digits, train_32x32.mat or test_32x32.mat");
  const size_t n = x.values.size() / (kSide * kSide * kChannels);
  Images images{static_cast<int>(n), {kSide, kSide, kChannels}, to_interleaved(x.values, n)};
  if (labels != nullptr) *labels = digits(parse_mat5(bytes, name, "y"), name);
  return images;
}

Images read_svhn(const fs::path& path, Split split, std::vector<int>* labels) {
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  const fs::path file =
      folder ? path / (split == Split::kTrain ? "train_32x32.mat" : "test_32x32.mat") : path;
  return parse_svhn(read_file(file), file.string(), labels);
}

}  // namespace dsode::data
