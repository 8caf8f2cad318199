#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/error.h"
#include "data/shift_effects.h"

namespace dsode::data {

namespace {

cv::Mat as_mat(std::span<uint8_t> pixels, Shape shape) {
  return cv::Mat(shape.h, shape.w, CV_8UC(shape.c), pixels.data());
}

// Four 16-bit uniforms of one draw: their sum has standard deviation 65536 / sqrt(3), and is Gaussian to the
// eye.
double nearly_normal(Rng& rng) {
  const uint64_t bits = rng.next();
  const auto sum =
      static_cast<double>((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48));
  return (sum - 2 * 65535.0) * (std::numbers::sqrt3 / 65536);
}

}  // namespace

void add_noise(std::span<uint8_t> pixels, double deviation, Rng& rng) {
  for (uint8_t& pixel : pixels) {
    const double value = pixel + 255 * deviation * nearly_normal(rng);
    pixel = static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
  }
}

void blur_in_place(std::span<uint8_t> pixels, Shape shape, double sigma) {
  cv::Mat image = as_mat(pixels, shape);
  const double scaled = sigma * std::min(shape.h, shape.w) / 32;
  cv::GaussianBlur(image, image, {}, scaled, scaled, cv::BORDER_REPLICATE);
}

Effect blur(double sigma, Shape shape) {
  return [=](std::span<uint8_t> pixels, Rng&) { blur_in_place(pixels, shape, sigma); };
}

Effect noise(double deviation, Shape) {
  return [=](std::span<uint8_t> pixels, Rng& rng) { add_noise(pixels, deviation, rng); };
}

Effect pixelate(double side, Shape shape) {
  const double scale = std::min(1.0, side / std::min(shape.h, shape.w));
  const auto blocks = [=](int pixels) { return std::max(1, static_cast<int>(std::lround(scale * pixels))); };
  const cv::Size small_size(blocks(shape.w), blocks(shape.h));
  return [=, small = cv::Mat()](std::span<uint8_t> pixels, Rng&) mutable {
    cv::Mat image = as_mat(pixels, shape);
    cv::resize(image, small, small_size, 0, 0, cv::INTER_AREA);
    cv::resize(small, image, image.size(), 0, 0, cv::INTER_NEAREST);
  };
}

Effect jpeg(double quality, Shape shape) {
  const std::vector<int> options = {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(quality)};
  return [=, bytes = std::vector<uint8_t>(), image = cv::Mat()](std::span<uint8_t> pixels, Rng&) mutable {
    cv::Mat rgb = as_mat(pixels, shape);
    image = rgb;
    if (shape.c == 3) cv::cvtColor(rgb, image, cv::COLOR_RGB2BGR);
    cv::imencode(".jpg", image, bytes, options);
    image = cv::imdecode(bytes, shape.c == 3 ? cv::IMREAD_COLOR : cv::IMREAD_GRAYSCALE);
    DSODE_CHECK(image.size() == rgb.size() && image.type() == rgb.type(), "{}x{}", image.rows, image.cols);
    if (shape.c == 3)
      cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);
    else
      image.copyTo(rgb);
  };
}

}  // namespace dsode::data
