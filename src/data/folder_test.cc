#include "data/folder.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "data/fixture.h"
#include "data/picture.h"

namespace dsode::data {
namespace {

// A picture of one colour; as cv::imencode takes it: blue, green, red.
Bytes picture(const std::string& ending, int height, int width, cv::Scalar colour, int type = CV_8UC3) {
  Bytes bytes;
  cv::imencode(ending, cv::Mat(height, width, type, colour), bytes);
  return bytes;
}

TEST(Picture, DecodesColourAsRgbAndKeepsGrey) {
  const Images colour = decode_picture(picture(".png", 4, 6, {3, 2, 1}), "a.png");
  EXPECT_EQ(colour.shape, (Shape{4, 6, 3}));
  EXPECT_EQ(Bytes(colour.pixels.begin(), colour.pixels.begin() + 3), (Bytes{1, 2, 3}));
  const Images grey = decode_picture(picture(".png", 4, 6, {9}, CV_8UC1), "a.png");
  EXPECT_EQ(grey.shape, (Shape{4, 6, 1}));
  EXPECT_EQ(grey.pixels, Bytes(24, 9));
  const Images jpeg = decode_picture(picture(".jpg", 16, 8, {0, 0, 200}), "a.jpg");
  EXPECT_EQ(jpeg.shape, (Shape{16, 8, 3}));
  EXPECT_NEAR(jpeg.pixels[0], 200, 3);
}

TEST(Picture, ReadsSixteenBitsAndTransparency) {
  EXPECT_EQ(decode_picture(picture(".png", 2, 2, {0x8000}, CV_16UC1), "a.png").shape, (Shape{2, 2, 1}));
  EXPECT_EQ(decode_picture(picture(".png", 2, 2, {1, 2, 3, 4}, CV_8UC4), "a.png").shape, (Shape{2, 2, 3}));
}

TEST(Picture, RefusesEveryTruncation) {
  for (const char* ending : {".png", ".jpg"}) {
    const Bytes bytes = picture(ending, 16, 16, {1, 2, 3});
    for (size_t size = 0; size < bytes.size(); ++size)
      EXPECT_TRUE(says(error_of([&] {
                         decode_picture({bytes.data(), size}, "a");
                       }),
                       "offset"))
          << ending << size;
  }
}

TEST(Picture, RefusesEveryFlippedBitOfAPng) {
  const Bytes bytes = picture(".png", 3, 3, {1, 2, 3});
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= 1 << bit % 8;
    EXPECT_TRUE(says(error_of([&] { decode_picture(flipped, "a.png"); }), "a.png: ")) << bit;
  }
}

TEST(Picture, RefusesASizeThatItsBytesCannotHold) {
  Bytes bytes = picture(".jpg", 16, 16, {1, 2, 3});
  const Bytes frame{0xFF, 0xC0};
  const auto at = std::search(bytes.begin(), bytes.end(), frame.begin(), frame.end()) - bytes.begin();
  std::fill_n(bytes.begin() + at + 5, 4, 0xFF);  // height and width
  EXPECT_TRUE(says(error_of([&] { decode_picture(bytes, "a.jpg"); }), "65535x65535"));
}

TEST(Folder, SortsClassesAndPassesOverOtherFiles) {
  const TempDir dir;
  dir.write("b/2.png", picture(".png", 2, 2, {1}));
  dir.write("b/1.JPG", picture(".jpg", 2, 2, {1}));
  dir.write("a/9.png", picture(".png", 2, 2, {1}));
  dir.write("a/notes.txt", counting(3));
  dir.write(".hidden/1.png", counting(3));
  const PictureList list = list_pictures(dir.path());
  EXPECT_EQ(list.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(list.labels, (std::vector<int>{0, 1, 1}));
  EXPECT_EQ(list.files[1].filename(), "1.JPG");
}

TEST(Folder, TakesAFlatFolderWithoutLabels) {
  const TempDir dir;
  dir.write("2.png", picture(".png", 2, 2, {1}));
  dir.write("1.png", picture(".png", 2, 2, {1}));
  const PictureList list = list_pictures(dir.path());
  EXPECT_EQ(list.files.size(), 2u);
  EXPECT_TRUE(list.labels.empty());
}

TEST(Folder, RefusesMissingAndEmptyFolders) {
  const TempDir dir;
  EXPECT_TRUE(says(error_of([&] { list_pictures(dir.path() / "no"); }), "cannot list"));
  EXPECT_TRUE(says(error_of([&] { list_pictures(dir.path()); }), "no PNG or JPEG"));
}

TEST(Folder, KeepsACommonSizeAndConvertsDifferentOnes) {
  const TempDir dir;
  const auto a = dir.write("a.png", picture(".png", 8, 8, {10, 20, 30}));
  const auto b = dir.write("b.png", picture(".png", 8, 8, {1, 2, 3}));
  const auto c = dir.write("c.png", picture(".png", 20, 10, {7}, CV_8UC1));
  EXPECT_EQ(read_pictures({a, b}, std::nullopt, "x").shape, (Shape{8, 8, 3}));
  const Images mixed = read_pictures({a, b, c}, std::nullopt, "x");
  EXPECT_EQ(mixed.shape, (Shape{64, 64, 3}));
  EXPECT_EQ(mixed.n, 3);
  EXPECT_EQ(Bytes(mixed[0].begin(), mixed[0].begin() + 3), (Bytes{30, 20, 10}));
  EXPECT_EQ(Bytes(mixed[2].begin(), mixed[2].begin() + 3), (Bytes{7, 7, 7}));
  EXPECT_EQ(read_pictures({a, c}, Shape{28, 28, 1}, "x").shape, (Shape{28, 28, 1}));
}

TEST(Folder, NamesTheCorruptPicture) {
  const TempDir dir;
  const auto good = dir.write("a.png", picture(".png", 8, 8, {1}));
  const auto bad = dir.write("b.png", counting(100));
  EXPECT_TRUE(says(error_of([&] { read_pictures({good, bad}, std::nullopt, "x"); }), "b.png: neither a PNG"));
}

}  // namespace
}  // namespace dsode::data
