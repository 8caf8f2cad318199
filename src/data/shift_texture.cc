#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "data/picture.h"
#include "data/shift_effects.h"

namespace dsode::data {

namespace fs = std::filesystem;

namespace {

// Where a folder holds more pictures, the first ones by name are used.
constexpr size_t kMostPictures = 500;
// Larger pictures are reduced so that their shorter side is this many times the image's: a crop then shows
// texture and not a flat spot.
constexpr double kPictureSides = 6;

// image = |amplitude * texture - image|
void subtract_from(const cv::Mat& texture, double amplitude, std::span<uint8_t> pixels) {
  const auto factor = static_cast<int>(std::lround(256 * amplitude));
  const size_t row = static_cast<size_t>(texture.cols) * texture.channels();
  for (int y = 0; y < texture.rows; ++y) {
    const uint8_t* from = texture.ptr<uint8_t>(y);
    uint8_t* to = pixels.data() + y * row;
    for (size_t x = 0; x < row; ++x)
      to[x] = static_cast<uint8_t>(std::abs(((from[x] * factor) >> 8) - to[x]));
  }
}

// Value noise in [0,1]: octaves of random lattices, each twice as fine, smoothly enlarged, and weighted by
// `persistence` to the power of the octave.
class ValueNoise {
 public:
  explicit ValueNoise(Shape shape) : size_(shape.w, shape.h) {}

  const cv::Mat& draw(double persistence, Rng& rng) {
    sum_.create(size_, CV_32F);
    sum_.setTo(0);
    double weight = 1, total = 0;
    for (int cells = kCoarsest; cells <= kFinest; cells *= 2) {
      lattice_.create(cells + 1, cells + 1, CV_32F);
      for (float& value : cv::Mat_<float>(lattice_)) value = static_cast<float>(rng.uniform());
      cv::resize(lattice_, octave_, size_, 0, 0, cv::INTER_LINEAR);
      cv::scaleAdd(octave_, weight, sum_, sum_);
      total += weight;
      weight *= persistence;
    }
    sum_ *= 1 / total;
    cv::normalize(sum_, sum_, 0, 1, cv::NORM_MINMAX);
    return sum_;
  }

 private:
  static constexpr int kCoarsest = 2, kFinest = 16;
  cv::Size size_;
  cv::Mat lattice_, octave_, sum_;
};

// A texture runs between two random colours along value noise, and each channel has a little noise of its
// own, as photographs of bark, stone or leaves do.
class ProceduralTexture {
 public:
  explicit ProceduralTexture(Shape shape)
      : shape_(shape), noise_(shape), texture_(shape.h, shape.w, CV_8UC(shape.c)) {}

  const cv::Mat& draw(Rng& rng) {
    constexpr double kOwn = 0.2;  // a channel's own share
    const double persistence = rng.uniform(0.4, 0.9);
    noise_.draw(persistence, rng).copyTo(shared_);
    for (int c = 0; c < shape_.c; ++c) {
      const double dark = rng.uniform(0, 0.5), light = rng.uniform(0.5, 1);
      const cv::Mat& own = noise_.draw(persistence, rng);
      const float base = static_cast<float>(255 * dark), range = static_cast<float>(255 * (light - dark));
      for (int y = 0; y < shape_.h; ++y) {
        const float *a = shared_.ptr<float>(y), *b = own.ptr<float>(y);
        uint8_t* to = texture_.ptr<uint8_t>(y) + c;
        for (int x = 0; x < shape_.w; ++x)
          to[x * shape_.c] = static_cast<uint8_t>(base + range * ((1 - kOwn) * a[x] + kOwn * b[x]));
      }
    }
    return texture_;
  }

 private:
  Shape shape_;
  ValueNoise noise_;
  cv::Mat shared_, texture_;
};

std::vector<fs::path> picture_files(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file() && is_picture(it->path())) files.push_back(it->path());
  if (error)
    throw bad_input(fmt::format("blend@{}: cannot read the folder: {}", folder.string(), error.message()),
                    "name a folder of PNG or JPEG pictures");
  if (files.empty())
    throw bad_input(fmt::format("blend@{}: holds no .png or .jpg picture", folder.string()),
                    "name a folder of pictures, or write `blend` alone for procedural textures");
  std::ranges::sort(files);
  files.resize(std::min(files.size(), kMostPictures));
  return files;
}

// In the channels of `shape`, and at least as large as it.
cv::Mat load_picture(const fs::path& file, Shape shape) {
  Images decoded = decode_picture(read_file(file), file.string());
  const Shape from = decoded.shape;
  cv::Mat picture = cv::Mat(from.h, from.w, CV_8UC(from.c), decoded.pixels.data()).clone();
  if (from.c != shape.c)
    cv::cvtColor(picture, picture, shape.c == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_RGB2GRAY);
  const double shrink = kPictureSides * std::max(shape.h, shape.w) / std::min(picture.rows, picture.cols);
  const double enlarge = std::max(double(shape.h) / picture.rows, double(shape.w) / picture.cols);
  const double scale = std::max(std::min(1.0, shrink), enlarge);
  if (scale == 1) return picture;
  const cv::Size size(std::max(shape.w, static_cast<int>(std::lround(scale * picture.cols))),
                      std::max(shape.h, static_cast<int>(std::lround(scale * picture.rows))));
  cv::resize(picture, picture, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return picture;
}

}  // namespace

Effect blend(double amplitude, Shape shape) {
  return [=, texture = ProceduralTexture(shape)](std::span<uint8_t> pixels, Rng& rng) mutable {
    subtract_from(texture.draw(rng), amplitude, pixels);
  };
}

Effect blend(double amplitude, Shape shape, const fs::path& folder) {
  std::vector<cv::Mat> pictures;
  for (const auto& file : picture_files(folder)) pictures.push_back(load_picture(file, shape));
  return [=](std::span<uint8_t> pixels, Rng& rng) {
    const cv::Mat& picture = pictures[rng.below(pictures.size())];
    const auto x = static_cast<int>(rng.below(static_cast<uint64_t>(picture.cols - shape.w + 1)));
    const auto y = static_cast<int>(rng.below(static_cast<uint64_t>(picture.rows - shape.h + 1)));
    subtract_from(picture(cv::Rect(x, y, shape.w, shape.h)), amplitude, pixels);
  };
}

}  // namespace dsode::data
