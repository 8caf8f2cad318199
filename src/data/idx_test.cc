#include "data/idx.h"

#include "data/fixture.h"

namespace dsode::data {
namespace {

std::string parse_error(const Bytes& bytes) {
  return error_of([&] { parse_idx(bytes, "a.idx"); });
}

TEST(Idx, ReadsOneToFourDimensionsPlainAndGzipped) {
  const std::vector<std::vector<uint32_t>> cases{{6}, {2, 3}, {2, 3, 4}, {2, 3, 4, 3}};
  for (const auto& dims : cases) {
    size_t count = 1;
    for (const uint32_t dim : dims) count *= dim;
    const Bytes plain = idx_bytes(dims, counting(count));
    for (const Bytes& bytes : {plain, gzip(plain)}) {
      const IdxArray array = parse_idx(bytes, "a.idx");
      EXPECT_EQ(array.dims, dims);
      EXPECT_EQ(array.bytes, counting(count));
    }
  }
}

TEST(Idx, ReadsMoreThanOneInflateChunk) {
  const Bytes elements = counting(5'000'001);
  EXPECT_EQ(parse_idx(gzip(idx_bytes({5'000'001}, elements)), "a.idx").bytes, elements);
}

TEST(Idx, RefusesEveryTruncationPlainAndGzipped) {
  const Bytes plain = idx_bytes({2, 3, 4}, counting(24));
  for (const Bytes& bytes : {plain, gzip(plain)})
    for (size_t size = 0; size < bytes.size(); ++size)
      EXPECT_TRUE(says(parse_error({bytes.begin(), bytes.begin() + size}), "a.idx: ")) << size;
}

TEST(Idx, NeverTakesFlippedBitsOfCompressedDataForElements) {
  const Bytes elements = counting(300);
  const Bytes bytes = gzip(idx_bytes({300}, elements));
  constexpr size_t kGzipHeader = 10;  // its time stamp and system bytes mean nothing to the data
  int accepted = 0;
  for (size_t bit = 8 * kGzipHeader; bit < 8 * bytes.size(); ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= 1 << bit % 8;
    try {
      EXPECT_EQ(parse_idx(flipped, "a.idx").bytes, elements);
      ++accepted;
    } catch (const Error& e) {
      EXPECT_TRUE(says(e.what(), "a.idx: ", "offset")) << bit;
    }
  }
  EXPECT_LT(accepted, 8);  // the unused bits before the checksum, less than a byte
}

TEST(Idx, NamesTheFieldThatIsWrong) {
  const Bytes good = idx_bytes({4}, counting(4));
  const auto with = [&](size_t at, uint8_t value) {
    Bytes bytes = good;
    bytes[at] = value;
    return parse_error(bytes);
  };
  EXPECT_TRUE(says(with(0, 7), "magic number"));
  EXPECT_TRUE(says(with(2, 0x0D), "element type", "0x0d"));
  EXPECT_TRUE(says(with(3, 0), "number of dimensions"));
  EXPECT_TRUE(says(with(3, 5), "number of dimensions"));
  EXPECT_TRUE(says(with(7, 0), "dimension 0 is 0"));
  EXPECT_TRUE(says(with(7, 5), "declares 5 bytes"));
  EXPECT_TRUE(says(with(7, 3), "more bytes follow"));
}

TEST(Idx, RefusesBytesAfterTheGzipStream) {
  Bytes bytes = gzip(idx_bytes({4}, counting(4)));
  bytes.push_back(0);
  EXPECT_TRUE(says(parse_error(bytes), "1 trailing bytes"));
}

TEST(Idx, StopsABombAtTheDeclaredSize) {
  EXPECT_TRUE(says(parse_error(gzip(idx_bytes({4}, Bytes(50'000'000)))), "more bytes follow"));
}

TEST(Idx, RefusesHugeDeclaredSizesWithoutAllocatingThem) {
  const std::vector<uint32_t> huge{0x7fffffff, 0x7fffffff, 0x7fffffff, 3};
  EXPECT_TRUE(says(parse_error(idx_bytes(huge, counting(9))), "overflow"));
  EXPECT_TRUE(says(parse_error(gzip(idx_bytes({0x7fffffff, 0x7fffffff}, counting(9)))), "can hold"));
  EXPECT_TRUE(says(parse_error(gzip(idx_bytes({40'000}, counting(9)))), "only 9 are there"));
}

TEST(Idx, TakesGreyAndColourImagesOnly) {
  const auto shape_of = [](const std::vector<uint32_t>& dims, size_t count) {
    return idx_images(parse_idx(idx_bytes(dims, counting(count)), "a.idx"), "a.idx").shape;
  };
  EXPECT_EQ(shape_of({2, 4, 5}, 40), (Shape{4, 5, 1}));
  EXPECT_EQ(shape_of({2, 4, 5, 1}, 40), (Shape{4, 5, 1}));
  EXPECT_EQ(shape_of({2, 4, 5, 3}, 120), (Shape{4, 5, 3}));
  EXPECT_TRUE(says(error_of([&] { shape_of({2, 20}, 40); }), "2x20 are no images"));
  EXPECT_TRUE(says(error_of([&] { shape_of({2, 3, 4, 5}, 120); }), "2x3x4x5 are no images"));
}

TEST(Idx, TakesOneDimensionOfLabelsOnly) {
  EXPECT_EQ(idx_labels({{3}, {0, 9, 4}}, "l"), (std::vector<int>{0, 9, 4}));
  EXPECT_TRUE(says(error_of([] { idx_labels({{3, 1}, {0, 9, 4}}, "l"); }), "3x1 are no labels"));
}

TEST(Idx, PrefersTheGzippedFile) {
  const TempDir dir;
  EXPECT_EQ(find_idx(dir.path() / "a.idx"), std::nullopt);
  dir.write("a.idx", counting(1));
  EXPECT_EQ(find_idx(dir.path() / "a.idx"), dir.path() / "a.idx");
  dir.write("a.idx.gz", counting(1));
  EXPECT_EQ(find_idx(dir.path() / "a.idx"), dir.path() / "a.idx.gz");
}

}  // namespace
}  // namespace dsode::data
