// The shape of an image and what a model expects of its pixels: shared by data sets and model artifacts.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

namespace dsode {

// Height, width, channels (1 grey, 3 RGB) of one image, stored [H,W,C].
struct Shape {
  int h = 0, w = 0, c = 0;
  size_t size() const { return static_cast<size_t>(h) * w * c; }
  bool operator==(const Shape&) const = default;
  std::string text() const { return fmt::format("{}x{}x{}", h, w, c); }
};

// A model reads x = (u8/255 - mean[c]) / std[c].
struct Normalization {
  std::vector<float> mean, std;  // one a channel
};

}  // namespace dsode
