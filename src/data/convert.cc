#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "data/dataset.h"

namespace dsode::data {

namespace {

// The largest centred part of `from` with the aspect of `to`: a square where `to` is one.
cv::Rect centre_crop(const Shape& from, const Shape& to) {
  const double aspect = static_cast<double>(to.w) / to.h;
  const int w = std::clamp(static_cast<int>(std::lround(from.h * aspect)), 1, from.w);
  const int h = std::clamp(static_cast<int>(std::lround(from.w / aspect)), 1, from.h);
  return {(from.w - w) / 2, (from.h - h) / 2, w, h};
}

}  // namespace

Images convert(const Images& images, Shape shape) {
  if (images.shape == shape) return images;
  const Shape& from = images.shape;
  for (const Shape& s : {from, shape})
    DSODE_CHECK(s.h > 0 && s.w > 0 && (s.c == 1 || s.c == 3), "shape {}", s.text());
  const cv::Rect crop = centre_crop(from, shape);
  const cv::Size size(shape.w, shape.h);
  const int interpolation = crop.width > shape.w || crop.height > shape.h ? cv::INTER_AREA : cv::INTER_CUBIC;

  Images out{images.n, shape, std::vector<uint8_t>(images.n * shape.size())};
  cv::Mat resized, grey;
  for (int i = 0; i < images.n; ++i) {
    cv::Mat in(from.h, from.w, CV_8UC(from.c), const_cast<uint8_t*>(images[i].data()));
    cv::Mat result(size, CV_8UC(shape.c), out[i].data());
    in = in(crop);
    if (from.c == shape.c) {
      cv::resize(in, result, size, 0, 0, interpolation);
    } else if (shape.c == 1) {
      cv::cvtColor(in, grey, cv::COLOR_RGB2GRAY);  // Rec. 601: 0.299 R + 0.587 G + 0.114 B
      cv::resize(grey, result, size, 0, 0, interpolation);
    } else {
      cv::resize(in, resized, size, 0, 0, interpolation);
      cv::cvtColor(resized, result, cv::COLOR_GRAY2RGB);
    }
  }
  return out;
}

}  // namespace dsode::data
