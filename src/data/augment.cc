#include "data/augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/names.h"
#include "data/warp.h"

namespace dsode::data {

namespace {

using Pixels = std::span<const uint8_t>;
using Output = std::span<uint8_t>;

constexpr double kShift = 0.08;  // of the side, each way

Border border_of(Shape shape) { return shape.c == 1 ? Border::kBlack : Border::kReplicate; }

// Shifts by a whole number of pixels: no blur, so that train and test look equally sharp. The image's own
// border rule fills what comes in.
void copy_shifted(Shape shape, Pixels in, Output out, int dx, int dy, bool flip, Border border) {
  const auto source = [border](int p, int side) {
    if (border == Border::kReflect) p = p < 0 ? -p : p >= side ? 2 * (side - 1) - p : p;
    return border == Border::kBlack ? p : std::clamp(p, 0, side - 1);
  };
  uint8_t* to = out.data();
  for (int y = 0; y < shape.h; ++y) {
    const int v = source(y - dy, shape.h);
    for (int x = 0; x < shape.w; ++x, to += shape.c) {
      const int u = source((flip ? shape.w - 1 - x : x) - dx, shape.w);
      if (u < 0 || u >= shape.w || v < 0 || v >= shape.h) {
        std::memset(to, 0, static_cast<size_t>(shape.c));
        continue;
      }
      const uint8_t* from = in.data() + (static_cast<size_t>(v) * shape.w + u) * shape.c;
      for (int c = 0; c < shape.c; ++c) to[c] = from[c];
    }
  }
}

// Uniform over the whole numbers in [-reach, reach].
int whole(double reach, Rng& rng) {
  const auto n = static_cast<uint64_t>(std::lround(reach));
  return static_cast<int>(rng.below(2 * n + 1)) - static_cast<int>(n);
}

void random_shift(Shape shape, Pixels in, Output out, bool flip, Rng& rng) {
  const int dx = whole(kShift * shape.w, rng), dy = whole(kShift * shape.h, rng);
  copy_shifted(shape, in, out, dx, dy, flip, border_of(shape));
}

void none(Shape, Pixels in, Output out, Rng&) { std::copy(in.begin(), in.end(), out.begin()); }

void weak(Shape shape, Pixels in, Output out, Rng& rng) { random_shift(shape, in, out, false, rng); }

void shift_flip(Shape shape, Pixels in, Output out, Rng& rng) {
  const bool flip = rng.below(2) == 1;
  random_shift(shape, in, out, flip, rng);
}

void crop_flip(Shape shape, Pixels in, Output out, Rng& rng) {
  const bool flip = rng.below(2) == 1;
  const int dx = whole(shape.w / 8.0, rng), dy = whole(shape.h / 8.0, rng);
  copy_shifted(shape, in, out, dx, dy, flip, Border::kReflect);
}

void affine(Shape shape, Pixels in, Output out, Rng& rng) {
  const double degrees = rng.uniform(-15, 15);
  const double scale = rng.uniform(0.75, 1.35);
  const double stretch = std::sqrt(1 + rng.uniform(-0.25, 0.25));  // width over height changes by its square
  const double shear = rng.uniform(-0.2, 0.2);
  const double dx = rng.uniform(-2 * kShift, 2 * kShift);  // in half sides
  const double dy = rng.uniform(-2 * kShift, 2 * kShift);
  const Homography sheared = {1, shear, 0, 0, 1, 0, 0, 0, 1};
  const Homography inverse =
      scaling(1 / (scale * stretch), stretch / scale) * sheared * rotation(-degrees) * translation(-dx, -dy);
  warp(shape, in, out, inverse, border_of(shape));
}

// Per pixel, the extreme over itself and its four neighbours, mixed with the pixel by `share` / 256: grey
// morphology with a stroke change of up to one pixel a side.
template <class Extreme>
void change_strokes(Shape shape, Output image, int share, Extreme extreme) {
  thread_local std::vector<uint8_t> before;
  before.assign(image.begin(), image.end());
  const int row = shape.w * shape.c;
  for (int y = 0; y < shape.h; ++y) {
    const uint8_t* centre = before.data() + static_cast<size_t>(y) * row;
    const uint8_t* above = y > 0 ? centre - row : centre;
    const uint8_t* below = y + 1 < shape.h ? centre + row : centre;
    uint8_t* to = image.data() + static_cast<size_t>(y) * row;
    for (int x = 0; x < row; ++x) {
      const int left = x >= shape.c ? x - shape.c : x, right = x + shape.c < row ? x + shape.c : x;
      int value = extreme(extreme(above[x], below[x]), extreme(centre[left], centre[right]));
      value = extreme(value, int{centre[x]});
      to[x] = static_cast<uint8_t>((centre[x] * (256 - share) + value * share + 128) >> 8);
    }
  }
}

void digits(Shape shape, Pixels in, Output out, Rng& rng) {
  affine(shape, in, out, rng);
  const uint64_t choice = rng.below(3);  // dilate, erode or neither
  const int share = static_cast<int>(rng.below(257));
  if (choice == 0) change_strokes(shape, out, share, [](int a, int b) { return std::max(a, b); });
  if (choice == 1) change_strokes(shape, out, share, [](int a, int b) { return std::min(a, b); });
}

struct Entry {
  std::string_view name, help;
  void (*apply)(Shape, Pixels, Output, Rng&);
};
constexpr Entry kAugmentations[] = {
    {"none", "the image as it is", none},
    {"affine", "rotation +-15 degrees, scale 0.75-1.35, anisotropy +-0.25, shear +-0.2, shift 8 %", affine},
    {"digits", "affine, then strokes dilated or eroded by up to a pixel, or left alone", digits},
    {"crop-flip", "shift by up to 1/8 over a mirrored border (padded random crop), horizontal flip",
     crop_flip},
    {"shift-flip", "shift 8 %, horizontal flip", shift_flip},
    {"weak", "shift 8 %", weak},
};

const Entry* find(const std::string& name) {
  const auto* entry = std::ranges::find(kAugmentations, name, &Entry::name);
  return entry == std::end(kAugmentations) ? nullptr : entry;
}

}  // namespace

const std::vector<AugmentInfo>& augmentations() {
  static const std::vector<AugmentInfo> infos = [] {
    std::vector<AugmentInfo> all;
    for (const Entry& entry : kAugmentations)
      all.push_back({std::string(entry.name), std::string(entry.help)});
    return all;
  }();
  return infos;
}

void check_augmentation(const std::string& name) {
  if (find(name)) return;
  std::vector<std::string> known;
  for (const Entry& entry : kAugmentations) known.emplace_back(entry.name);
  throw bad_input(fmt::format("augment: unknown augmentation '{}'", name), unknown_name_hint(name, known));
}

void augment(const std::string& name, Shape shape, std::span<const uint8_t> in, std::span<uint8_t> out,
             Rng& rng) {
  const Entry* entry = find(name);
  DSODE_CHECK(entry, "augmentation '{}'", name);
  DSODE_CHECK(in.size() == shape.size() && out.size() == shape.size(), "{} and {} bytes", in.size(),
              out.size());
  entry->apply(shape, in, out, rng);
}

}  // namespace dsode::data
