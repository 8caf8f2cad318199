#include "data/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace dsode::data {
namespace {

// A grey cross on black.
std::vector<uint8_t> cross(Shape shape) {
  std::vector<uint8_t> pixels(shape.size());
  for (int y = 0; y < shape.h; ++y)
    for (int x = 0; x < shape.w; ++x)
      for (int c = 0; c < shape.c; ++c)
        if ((std::abs(2 * x - shape.w) < 6 || std::abs(2 * y - shape.h) < 6) && std::min(x, y) > 4 &&
            std::max(x, y) < shape.w - 5)
          pixels[(static_cast<size_t>(y) * shape.w + x) * shape.c + c] = 180;
  return pixels;
}

std::vector<uint8_t> augmented(const std::string& name, Shape shape, const std::vector<uint8_t>& in,
                               uint64_t index) {
  Rng rng(1, Stream::kAugment, 0, index);
  std::vector<uint8_t> out(in.size(), 77);
  augment(name, shape, in, out, rng);
  return out;
}

double mean(const std::vector<uint8_t>& pixels) {
  return std::accumulate(pixels.begin(), pixels.end(), 0.0) / static_cast<double>(pixels.size());
}

class EveryAugmentation : public testing::TestWithParam<AugmentInfo> {};
INSTANTIATE_TEST_SUITE_P(Augment, EveryAugmentation, testing::ValuesIn(augmentations()),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(EveryAugmentation, IsAFunctionOfTheRng) {
  const Shape shape{28, 28, 1};
  const auto in = cross(shape);
  int changed = 0;
  for (uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(augmented(GetParam().name, shape, in, i), augmented(GetParam().name, shape, in, i));
    changed += augmented(GetParam().name, shape, in, i) != in;
  }
  EXPECT_EQ(changed > 15, GetParam().name != "none");
}

TEST_P(EveryAugmentation, KeepsTheMeanPlausible) {
  for (const Shape shape : {Shape{28, 28, 1}, Shape{32, 32, 3}}) {
    const auto in = cross(shape);
    double sum = 0;
    for (uint64_t i = 0; i < 400; ++i) sum += mean(augmented(GetParam().name, shape, in, i)) / 400;
    EXPECT_NEAR(sum / mean(in), 1.05, 0.2) << shape.c;
  }
}

TEST_P(EveryAugmentation, WritesEveryPixelOfTinyAndOblongImages) {
  for (const Shape shape : {Shape{1, 1, 1}, Shape{2, 9, 3}, Shape{5, 3, 1}}) {
    const std::vector<uint8_t> in(shape.size(), 0);
    for (uint64_t i = 0; i < 20; ++i) EXPECT_EQ(augmented(GetParam().name, shape, in, i), in);
  }
}

TEST(Augment, GreyGetsABlackBorderAndColourItsOwnEdge) {
  for (const std::string name : {"affine", "weak", "shift-flip"}) {
    int black = 0;
    for (uint64_t i = 0; i < 20; ++i) {
      const auto grey = augmented(name, {28, 28, 1}, std::vector<uint8_t>(784, 200), i);
      black += std::ranges::count(grey, 0) > 0;
      const auto colour = augmented(name, {28, 28, 3}, std::vector<uint8_t>(3 * 784, 200), i);
      EXPECT_EQ(std::ranges::count(colour, 200), 3 * 784) << name;
    }
    EXPECT_GT(black, 5) << name;
  }
}

TEST(Augment, CropFlipMirrorsTheBorderAndFlipsHalfOfTheImages) {
  const Shape shape{8, 8, 1};
  std::vector<uint8_t> in(64);
  for (size_t i = 0; i < 64; ++i) in[i] = static_cast<uint8_t>(1 + i % 8);  // rises to the right
  int flipped = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const auto out = augmented("crop-flip", shape, in, i);
    EXPECT_EQ(std::ranges::count(out, 0), 0);
    flipped += out[3] > out[4];
  }
  EXPECT_NEAR(flipped, 100, 30);
}

TEST(Augment, DigitsChangesStrokeWidthBothWays) {
  const Shape shape{28, 28, 1};
  const auto in = cross(shape);
  int thicker = 0, thinner = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const double before = mean(augmented("affine", shape, in, i)),
                 after = mean(augmented("digits", shape, in, i));
    thicker += after > before;
    thinner += after < before;
  }
  EXPECT_NEAR(thicker, 67, 25);
  EXPECT_NEAR(thinner, 67, 25);
}

TEST(Augment, NamesTheNearestAugmentation) {
  EXPECT_NO_THROW(check_augmentation("crop-flip"));
  try {
    check_augmentation("afine");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUsage);
    EXPECT_NE(error.hint().find("did you mean 'affine'"), std::string::npos);
  }
}

}  // namespace
}  // namespace dsode::data
