#include "data/svhn.h"

#include <matio.h>

#include "data/fixture.h"
#include "data/mat5.h"

namespace dsode::data {
namespace {

// libmatio writes what our own reader reads: two independent readings of the format.
class MatWriter {
 public:
  MatWriter(const std::filesystem::path& path, matio_compression compression)
      : file_(Mat_CreateVer(path.c_str(), nullptr, MAT_FT_MAT5)), compression_(compression) {}
  ~MatWriter() { Mat_Close(file_); }
  MatWriter(const MatWriter&) = delete;
  MatWriter& operator=(const MatWriter&) = delete;

  template <class T>
  void write(const char* name, matio_classes array_class, matio_types type, std::vector<size_t> dims,
             std::vector<T> values) {
    matvar_t* variable =
        Mat_VarCreate(name, array_class, type, static_cast<int>(dims.size()), dims.data(), values.data(), 0);
    Mat_VarWrite(file_, variable, compression_);
    Mat_VarFree(variable);
  }
  void write_pixels(size_t n) {
    write("X", MAT_C_UINT8, MAT_T_UINT8, {32, 32, 3, n}, counting(32 * 32 * 3 * n));
  }
  void write_labels(const std::vector<double>& labels) {
    write("y", MAT_C_DOUBLE, MAT_T_DOUBLE, {labels.size(), 1}, labels);
  }

 private:
  mat_t* file_;
  matio_compression compression_;
};

Bytes svhn_bytes(matio_compression compression, const std::vector<double>& labels) {
  const TempDir dir;
  {
    MatWriter writer(dir.path() / "a.mat", compression);
    writer.write_labels(labels);
    writer.write_pixels(labels.size());
  }
  return read_file(dir.path() / "a.mat");
}

TEST(Svhn, ReadsPixelsInOurOrderAndTenAsZero) {
  for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    std::vector<int> labels;
    const Images images = parse_svhn(svhn_bytes(compression, {1, 10, 9}), "a.mat", &labels);
    EXPECT_EQ(images.n, 3);
    EXPECT_EQ(images.shape, (Shape{32, 32, 3}));
    EXPECT_EQ(labels, (std::vector<int>{1, 0, 9}));
    for (int h : {0, 5, 31})
      for (int w : {0, 7, 31})
        for (int c : {0, 1, 2})
          EXPECT_EQ(images[2][(h * 32 + w) * 3 + c], static_cast<uint8_t>(h + 32 * (w + 32 * (c + 3 * 2))));
  }
}

TEST(Svhn, ReadsEveryStorageTypeOfWholeNumbers) {
  const TempDir dir;
  {
    MatWriter writer(dir.path() / "a.mat", MAT_COMPRESSION_ZLIB);
    writer.write<int8_t>("i8", MAT_C_INT8, MAT_T_INT8, {3, 1}, {1, 10, 127});
    writer.write<int16_t>("i16", MAT_C_INT16, MAT_T_INT16, {3, 1}, {1, 10, 255});
    writer.write<uint16_t>("u16", MAT_C_UINT16, MAT_T_UINT16, {3, 1}, {1, 10, 255});
    writer.write<int32_t>("i32", MAT_C_INT32, MAT_T_INT32, {3, 1}, {1, 10, 255});
    writer.write<uint32_t>("u32", MAT_C_UINT32, MAT_T_UINT32, {3, 1}, {1, 10, 255});
    writer.write<float>("f32", MAT_C_SINGLE, MAT_T_SINGLE, {3, 1}, {1, 10, 255});
    writer.write<double>("f64", MAT_C_DOUBLE, MAT_T_DOUBLE, {3, 1}, {1, 10, 255});
    writer.write<double>("part", MAT_C_DOUBLE, MAT_T_DOUBLE, {1, 1}, {1.5});
    writer.write<double>("nan", MAT_C_DOUBLE, MAT_T_DOUBLE, {1, 1}, {0.0 / 0.0});
    writer.write<int16_t>("negative", MAT_C_INT16, MAT_T_INT16, {1, 1}, {-1});
    writer.write<uint16_t>("large", MAT_C_UINT16, MAT_T_UINT16, {1, 1}, {256});
  }
  const Bytes bytes = read_file(dir.path() / "a.mat");
  EXPECT_EQ(parse_mat5(bytes, "a.mat", "i8").values, (Bytes{1, 10, 127}));
  for (const char* name : {"i16", "u16", "i32", "u32", "f32", "f64"})
    EXPECT_EQ(parse_mat5(bytes, "a.mat", name).values, (Bytes{1, 10, 255})) << name;
  for (const char* name : {"part", "nan", "negative", "large"})
    EXPECT_TRUE(says(error_of([&] { parse_mat5(bytes, "a.mat", name); }), "not a whole number")) << name;
}

TEST(Svhn, LeavesTheLabelsAloneWhereNoneAreWanted) {
  const TempDir dir;
  { MatWriter(dir.path() / "a.mat", MAT_COMPRESSION_ZLIB).write_pixels(1); }
  const Bytes bytes = read_file(dir.path() / "a.mat");
  EXPECT_EQ(parse_svhn(bytes, "a.mat", nullptr).n, 1);
  std::vector<int> labels;
  EXPECT_TRUE(says(error_of([&] { parse_svhn(bytes, "a.mat", &labels); }), "no variable 'y'"));
}

TEST(Svhn, RefusesLabelsAndSizesOutOfRange) {
  std::vector<int> labels;
  for (const double label : {0.0, 11.0})
    EXPECT_TRUE(says(error_of([&] {
                       parse_svhn(svhn_bytes(MAT_COMPRESSION_ZLIB, {1, label}), "a.mat", &labels);
                     }),
                     "not 1 to 10"));
  const TempDir dir;
  {
    MatWriter(dir.path() / "a.mat", MAT_COMPRESSION_ZLIB)
        .write("X", MAT_C_UINT8, MAT_T_UINT8, {16, 16, 3, 2}, counting(1536));
  }
  EXPECT_TRUE(says(error_of([&] { read_svhn(dir.path() / "a.mat", Split::kTest, nullptr); }), "16x16x3x2"));
}

TEST(Svhn, RefusesEveryTruncation) {
  for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    const Bytes bytes = svhn_bytes(compression, {1, 2});
    std::vector<int> labels;
    for (size_t size = 0; size < bytes.size(); size += size < 600 ? 1 : 97)
      EXPECT_TRUE(says(error_of([&] {
                         parse_svhn({bytes.data(), size}, "a.mat", &labels);
                       }),
                       "a.mat: "))
          << size;
  }
}

TEST(Svhn, SurvivesEveryFlippedBitOfItsHeaders) {
  const Bytes bytes = svhn_bytes(MAT_COMPRESSION_NONE, {1, 2});
  std::vector<int> labels;
  for (size_t bit = 8 * 124; bit < 8 * 300; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= 1 << bit % 8;
    try {
      parse_svhn(flipped, "a.mat", &labels);  // a flipped pixel or label may well be read
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::kUsage);
    }
  }
}

TEST(Svhn, RefusesFlippedCompressedBits) {
  Bytes bytes = svhn_bytes(MAT_COMPRESSION_ZLIB, {1, 2});
  bytes[bytes.size() - 2] ^= 1;  // the checksum of X
  EXPECT_TRUE(says(error_of([&] { parse_svhn(bytes, "a.mat", nullptr); }), "incorrect data check"));
}

TEST(Svhn, SaysWhatToDoWithOtherVersions) {
  Bytes bytes = svhn_bytes(MAT_COMPRESSION_ZLIB, {1, 2});
  bytes[7] = '7', bytes[9] = '3';  // "MATLAB 7.3"
  EXPECT_TRUE(says(error_of([&] { parse_svhn(bytes, "a.mat", nullptr); }), "save -v7"));
  EXPECT_TRUE(says(error_of([&] { parse_svhn(counting(200), "a.mat", nullptr); }), "level 5"));
}

}  // namespace
}  // namespace dsode::data
