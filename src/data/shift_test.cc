#include "data/shift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <opencv2/core.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/rng.h"
#include "data/contact_sheet.h"

namespace dsode::data {
namespace {

// Bright discs with a darker stripe on black: something that every shift changes.
Images discs(int n, Shape shape) {
  Images images{n, shape, std::vector<uint8_t>(n * shape.size())};
  for (int i = 0; i < n; ++i) {
    Rng rng(1, Stream::kSample, 0, static_cast<uint64_t>(i));
    const double cx = shape.w * rng.uniform(0.4, 0.6), cy = shape.h * rng.uniform(0.4, 0.6);
    const double radius = std::min(shape.h, shape.w) * rng.uniform(0.2, 0.35);
    for (int y = 0; y < shape.h; ++y)
      for (int x = 0; x < shape.w; ++x)
        for (int c = 0; c < shape.c; ++c)
          if (std::hypot(x - cx, y - cy) < radius)
            images[i][(static_cast<size_t>(y) * shape.w + x) * shape.c + c] =
                static_cast<uint8_t>((std::abs(x - cx) < 2 ? 90 : 200) - 20 * c + y);
  }
  return images;
}

Images shifted(const Images& images, const std::string& spec, uint64_t seed = 1) {
  return apply_shifts(images, {parse_shift(spec)}, seed);
}

double distance(const Images& a, const Images& b) {
  double sum = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

std::string hint_of(const std::string& spec) {
  try {
    parse_shift(spec);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUsage) << spec;
    return error.what() + std::string(" ") + error.hint();
  }
  ADD_FAILURE() << spec << " was accepted";
  return "";
}

class EveryShift : public testing::TestWithParam<ShiftInfo> {};
INSTANTIATE_TEST_SUITE_P(Shift, EveryShift, testing::ValuesIn(shifts()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryShift, KeepsTheShapeOfGreyColourAndOblongImages) {
  for (const Shape shape :
       {Shape{28, 28, 1}, Shape{32, 32, 3}, Shape{20, 37, 3}, Shape{3, 2, 1}, Shape{1, 1, 3}}) {
    const Images out = shifted(discs(2, shape), GetParam().name);
    EXPECT_EQ(out.shape, shape);
    EXPECT_EQ(out.n, 2);
    EXPECT_EQ(out.pixels.size(), 2 * shape.size());
  }
}

TEST_P(EveryShift, IsTheSameForTheSameSeed) {
  const Images images = discs(8, {28, 28, 1});
  EXPECT_EQ(shifted(images, GetParam().name, 7).pixels, shifted(images, GetParam().name, 7).pixels);
}

TEST_P(EveryShift, DoesNotDependOnTheOtherImagesOrOnThreads) {
  const Images all = discs(6, {32, 32, 3});
  Images first = all;
  first.n = 3;
  first.pixels.resize(3 * all.shape.size());
  const Images together = shifted(all, GetParam().name);
  const int threads = cv::getNumThreads();
  cv::setNumThreads(1);
  const Images alone = shifted(first, GetParam().name);
  cv::setNumThreads(threads);
  EXPECT_TRUE(std::equal(alone.pixels.begin(), alone.pixels.end(), together.pixels.begin()));
}

TEST_P(EveryShift, MovesFurtherFromTheOriginalAsSeverityGrows) {
  for (const int channels : {1, 3}) {
    const Images images = discs(150, {28, 28, channels});
    double last = 0;
    for (int severity = 1; severity <= 5; ++severity) {
      const double moved = distance(images, shifted(images, GetParam().name + std::to_string(severity)));
      if (GetParam().name == "invert" && severity > 1)
        EXPECT_EQ(moved, last);
      else
        EXPECT_GT(moved, last) << "severity " << severity << ", channels " << channels;
      last = moved;
    }
  }
}

TEST_P(EveryShift, WithoutANumberIsSeverityThree) {
  const Images images = discs(3, {28, 28, 1});
  EXPECT_EQ(shifted(images, GetParam().name).pixels, shifted(images, GetParam().name + "3").pixels);
}

TEST(Shift, DrawsDifferForAnotherSeedAndForEachImage) {
  Images images = discs(2, {28, 28, 1});
  std::copy_n(images.pixels.begin(), 784, images.pixels.begin() + 784);  // twice the same picture
  for (const std::string name : {"scale", "translate", "noise", "blend", "occlude", "camera"}) {
    const Images many = discs(8, {28, 28, 1});  // one image alone may draw the same side of a coin
    EXPECT_NE(shifted(many, name, 1).pixels, shifted(many, name, 2).pixels) << name;
    if (name == "scale") continue;
    const Images out = shifted(images, name);
    EXPECT_FALSE(std::equal(out[0].begin(), out[0].end(), out[1].begin())) << name;
  }
}

TEST(Shift, TermsApplyInOrderAndDrawByPosition) {
  const Images images = discs(4, {28, 28, 1});
  const auto noise = parse_shift("noise"), invert = parse_shift("invert"), blur = parse_shift("blur");
  EXPECT_EQ(apply_shifts(images, {invert, blur}, 1).pixels,
            shifted(shifted(images, "invert"), "blur").pixels);
  EXPECT_NE(apply_shifts(images, {blur, invert, noise}, 1).pixels,
            apply_shifts(images, {blur, noise, invert}, 1).pixels);
  EXPECT_NE(apply_shifts(images, {noise, noise}, 1).pixels,
            shifted(shifted(images, "noise"), "noise").pixels);
}

TEST(Shift, RotateTurnsAnticlockwiseByTheAngleGiven) {
  Images image{1, {21, 21, 1}, std::vector<uint8_t>(441)};
  image.pixels[10 * 21 + 19] = 255;  // a dot at three o'clock
  EXPECT_EQ(shifted(image, "rotate90").pixels[1 * 21 + 10], 255);
  EXPECT_EQ(shifted(image, "rotate-90").pixels[19 * 21 + 10], 255);
  EXPECT_EQ(shifted(image, "rotate180").pixels[10 * 21 + 1], 255);
  EXPECT_EQ(shifted(image, "rotate3").pixels, shifted(image, "rotate30").pixels);
}

TEST(Shift, InvertTwiceIsTheOriginal) {
  const Images images = discs(2, {16, 16, 3});
  EXPECT_EQ(shifted(shifted(images, "invert"), "invert").pixels, images.pixels);
}

TEST(Shift, NoiseHasTheDeviationOfItsTable) {
  Images grey{4, {64, 64, 1}, std::vector<uint8_t>(4 * 64 * 64, 128)};
  double sum = 0, squares = 0;
  for (const uint8_t value : shifted(grey, "noise2").pixels) {
    sum += value;
    squares += value * value;
  }
  const double n = static_cast<double>(grey.pixels.size()), mean = sum / n;
  EXPECT_NEAR(mean, 128, 1);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean), 255 * 0.08, 0.6);
}

TEST(Shift, CameraLiftsABlackBackgroundToGrey) {
  const Images black{16, {28, 28, 1}, std::vector<uint8_t>(16 * 784)};
  EXPECT_GT(distance(black, shifted(black, "camera")), 20);
}

TEST(Shift, HelpNamesEverySeverity) {
  for (const auto& info : shifts()) {
    EXPECT_EQ(std::ranges::count(info.help, ','),
              std::ranges::count(info.help.substr(0, info.help.rfind('(')), ',') + 4)
        << info.help;
  }
}

TEST(ParseShift, ReadsNameSeverityAndFolder) {
  EXPECT_EQ(parse_shift("rotate30").amount, 30);
  EXPECT_EQ(parse_shift("rotate-15").amount, -15);
  EXPECT_EQ(parse_shift("noise").amount, 3);
  const ShiftTerm plain = parse_shift("blend@some/folder-2"), strong = parse_shift("blend5@x");
  EXPECT_EQ(plain.name, "blend");
  EXPECT_EQ(plain.amount, 3);
  EXPECT_EQ(plain.path, "some/folder-2");
  EXPECT_EQ(strong.amount, 5);
  EXPECT_EQ(strong.path, "x");
}

TEST(ParseShift, NamesTheNearestShift) {
  EXPECT_NE(hint_of("rotat30").find("did you mean 'rotate'"), std::string::npos);
  EXPECT_NE(hint_of("camrea").find("did you mean 'camera'"), std::string::npos);
  EXPECT_NE(hint_of("").find("known: rotate"), std::string::npos);
}

TEST(ParseShift, RefusesBadNumbersAndMisplacedFolders) {
  EXPECT_NE(hint_of("noise6").find("severity 1-5"), std::string::npos);
  EXPECT_NE(hint_of("noise0").find("severity 1-5"), std::string::npos);
  EXPECT_NE(hint_of("noise-2").find("severity 1-5"), std::string::npos);
  EXPECT_NE(hint_of("rotate200").find("-180 to 180"), std::string::npos);
  EXPECT_NE(hint_of("noise3x").find("'3x' is not a whole number"), std::string::npos);
  EXPECT_NE(hint_of("noise99999999999").find("not a whole number"), std::string::npos);
  EXPECT_NE(hint_of("noise@folder").find("takes no folder"), std::string::npos);
  EXPECT_NE(hint_of("blend@").find("no folder after '@'"), std::string::npos);
}

class BlendFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("blend-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(BlendFolder, TakesTexturesFromPicturesOfAnySizeAndChannels) {
  const std::vector<uint8_t> large(300 * 200 * 3, 80), small(5 * 4, 80);
  write_file(folder_ / "a.png", encode_png({300, 200, 3}, large));
  write_file(folder_ / "b.PNG", encode_png({5, 4, 1}, small));
  for (const int channels : {1, 3}) {
    const Images black{8, {28, 28, channels}, std::vector<uint8_t>(8 * 784 * static_cast<size_t>(channels))};
    for (const uint8_t value : shifted(black, "blend5@" + folder_.string()).pixels) ASSERT_EQ(value, 80);
  }
}

TEST_F(BlendFolder, RefusesFoldersWithoutPicturesAndDamagedOnes) {
  const Images images = discs(1, {28, 28, 1});
  EXPECT_THROW(shifted(images, "blend@" + folder_.string()), Error);
  EXPECT_THROW(shifted(images, "blend@" + (folder_ / "absent").string()), Error);
  write_file(folder_ / "a.png", std::string_view("not a picture"));
  EXPECT_THROW(shifted(images, "blend@" + folder_.string()), Error);
}

}  // namespace
}  // namespace dsode::data
