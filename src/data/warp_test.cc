#include "data/warp.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace dsode::data {
namespace {

constexpr Homography kSame = {1, 0, 0, 0, 1, 0, 0, 0, 1};

std::vector<uint8_t> ramp(Shape shape) {
  std::vector<uint8_t> pixels(shape.size());
  std::iota(pixels.begin(), pixels.end(), 1);
  return pixels;
}

std::vector<uint8_t> warped(Shape shape, const Homography& inverse, Border border) {
  std::vector<uint8_t> out(shape.size(), 99);
  warp(shape, ramp(shape), out, inverse, border);
  return out;
}

TEST(Warp, IdentityKeepsEveryByte) {
  for (const Shape shape : {Shape{5, 7, 3}, Shape{4, 4, 1}, Shape{1, 1, 1}})
    for (const Border border : {Border::kBlack, Border::kReplicate, Border::kReflect})
      EXPECT_EQ(warped(shape, kSame, border), ramp(shape));
}

TEST(Warp, QuarterTurnMovesEveryPixelExactly) {
  const Shape shape{3, 3, 1};  // 1..9 by rows; anticlockwise, the right column becomes the top row
  EXPECT_EQ(warped(shape, rotation(-90), Border::kBlack), (std::vector<uint8_t>{3, 6, 9, 2, 5, 8, 1, 4, 7}));
}

TEST(Warp, BordersFillWhatComesIn) {
  const Shape shape{2, 4, 1};  // one pixel is one unit: half the shorter side
  const auto two_right = translation(-2, 0);
  EXPECT_EQ(warped(shape, two_right, Border::kBlack), (std::vector<uint8_t>{0, 0, 1, 2, 0, 0, 5, 6}));
  EXPECT_EQ(warped(shape, two_right, Border::kReplicate), (std::vector<uint8_t>{1, 1, 1, 2, 5, 5, 5, 6}));
  EXPECT_EQ(warped(shape, two_right, Border::kReflect), (std::vector<uint8_t>{2, 1, 1, 2, 6, 5, 5, 6}));
}

TEST(Warp, FarOutsideIsBorderOnly) {
  const Shape shape{4, 4, 1};
  EXPECT_EQ(warped(shape, translation(1e9, 0), Border::kBlack), std::vector<uint8_t>(16, 0));
  EXPECT_EQ(warped(shape, translation(1e9, -1e9), Border::kReplicate), std::vector<uint8_t>(16, 4));
}

TEST(Warp, HalfAPixelAveragesNeighbours) {
  const Shape shape{1, 3, 1};
  std::vector<uint8_t> in = {10, 20, 40}, out(3);
  warp(shape, in, out, translation(1, 0), Border::kReplicate);  // half the shorter side: half a pixel
  EXPECT_EQ(out, (std::vector<uint8_t>{15, 30, 40}));
}

TEST(Warp, TiltEnlargesTheNearSide) {
  const Shape shape{32, 32, 1};
  std::vector<uint8_t> in(1024), out(1024);
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = i % 32 >= 8 && i % 32 < 24 && i / 32 >= 8 && i / 32 < 24 ? 200 : 0;
  warp(shape, in, out, tilt(0.3, 0), Border::kBlack);
  int left = 0, right = 0;
  for (size_t i = 0; i < out.size(); ++i) (i % 32 < 16 ? left : right) += out[i];
  EXPECT_GT(right,
            left * 1.2);  // the denominator grows to the right: input moves slower, the picture is larger
}

}  // namespace
}  // namespace dsode::data
