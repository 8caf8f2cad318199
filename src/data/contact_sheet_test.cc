#include "data/contact_sheet.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

namespace dsode::data {
namespace {

LabelledSet two_classes() {
  LabelledSet set{"pets", {5, {4, 4, 3}, std::vector<uint8_t>(5 * 48)}, {1, 0, 1, 1, 0}, {"cat", "dog"}};
  for (int i = 0; i < 5; ++i)
    for (size_t p = 0; p < 48; p += 3) set.images[i][p] = static_cast<uint8_t>(200 + i);  // reds
  return set;
}

int count_red(const cv::Mat& sheet, int red) {
  int count = 0;
  for (int y = 0; y < sheet.rows; ++y)
    for (int x = 0; x < sheet.cols; ++x)
      count += sheet.at<cv::Vec3b>(y, x) == cv::Vec3b(0, 0, static_cast<uint8_t>(red));
  return count;
}

TEST(EncodePng, KeepsEveryByteOfColourAndGrey) {
  const std::vector<uint8_t> rgb = {10, 20, 30, 40, 50, 60}, grey = {7, 200};
  const cv::Mat colour = cv::imdecode(encode_png({1, 2, 3}, rgb), cv::IMREAD_COLOR);
  EXPECT_EQ(colour.at<cv::Vec3b>(0, 1), cv::Vec3b(60, 50, 40));
  const cv::Mat plain = cv::imdecode(encode_png({2, 1, 1}, grey), cv::IMREAD_UNCHANGED);
  EXPECT_EQ(plain.at<uint8_t>(1, 0), 200);
  EXPECT_EQ(plain.channels(), 1);
}

TEST(ContactSheet, ShowsARowOfEachClassWithItsName) {
  const cv::Mat sheet =
      cv::imdecode(contact_sheet_png(two_classes(), {.rows = 10, .columns = 2, .side = 20}), 1);
  for (const int shown : {200, 201, 202, 204})
    EXPECT_EQ(count_red(sheet, shown), 400) << shown;  // enlarged five times
  EXPECT_EQ(count_red(sheet, 203), 0);                 // the third dog
  const auto left_of_images = sheet.colRange(0, sheet.cols - 2 * 20 - 24);
  double darkest = 255;
  cv::minMaxLoc(left_of_images.clone().reshape(1), &darkest);
  EXPECT_LT(darkest, 128);  // the names' ink
}

TEST(ContactSheet, ShowsAPlainGridOfUnlabelledImages) {
  const Images images = two_classes().images;
  const cv::Mat sheet = cv::imdecode(contact_sheet_png(images, {.rows = 2, .columns = 2, .side = 4}), 1);
  EXPECT_EQ(sheet.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 255, 255));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(count_red(sheet, 200 + i), i < 4 ? 16 : 0);
}

TEST(ContactSheet, OfAnEmptySetIsBlankPaper) {
  const Images none{0, {4, 4, 1}, {}};
  EXPECT_FALSE(cv::imdecode(contact_sheet_png(none), 1).empty());
}

}  // namespace
}  // namespace dsode::data
