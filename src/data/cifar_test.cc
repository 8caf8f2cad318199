#include "data/cifar.h"

#include "data/fixture.h"

namespace dsode::data {
namespace {

constexpr size_t kPlane = 1024;

// Planes filled with `red`, `red` + 1, `red` + 2.
Bytes record(uint8_t label, uint8_t red) {
  Bytes bytes{label};
  for (int c = 0; c < 3; ++c) bytes.insert(bytes.end(), kPlane, static_cast<uint8_t>(red + c));
  return bytes;
}

TEST(Cifar, InterleavesThePlanes) {
  Images images;
  std::vector<int> labels;
  parse_cifar(record(7, 100), "a.bin", images, &labels);
  EXPECT_EQ(images.n, 1);
  EXPECT_EQ(images.shape, (Shape{32, 32, 3}));
  for (size_t i = 0; i < images.pixels.size(); ++i) ASSERT_EQ(images.pixels[i], 100 + i % 3);
  EXPECT_EQ(labels, std::vector<int>{7});
}

TEST(Cifar, RefusesPartialRecordsAndLabelsAboveNine) {
  Images images;
  std::vector<int> labels;
  Bytes bytes = record(10, 0);
  EXPECT_TRUE(says(error_of([&] { parse_cifar(bytes, "a.bin", images, &labels); }), "label 10 at offset 0"));
  bytes.pop_back();
  EXPECT_TRUE(says(error_of([&] { parse_cifar(bytes, "a.bin", images, &labels); }), "3072 bytes"));
  EXPECT_TRUE(says(error_of([&] { parse_cifar({}, "a.bin", images, &labels); }), "0 bytes"));
}

TEST(Cifar, ReadsTheBatchesOfASplitInOrder) {
  const TempDir dir;
  dir.write("data_batch_2.bin", record(2, 20));
  dir.write("data_batch_1.bin", record(1, 10));
  dir.write("batches.meta.txt", counting(5));
  std::vector<int> labels;
  EXPECT_EQ(read_cifar(dir.path(), Split::kTrain, &labels).n, 2);
  EXPECT_EQ(labels, (std::vector<int>{1, 2}));
  EXPECT_TRUE(says(error_of([&] { read_cifar(dir.path(), Split::kTest, nullptr); }), "no test_batch.bin"));
  const auto file = dir.write("test_batch.bin", record(3, 30));
  EXPECT_EQ(read_cifar(dir.path(), Split::kTest, nullptr).pixels[0], 30);
  EXPECT_EQ(read_cifar(file, Split::kTrain, nullptr).pixels[0], 30);
}

}  // namespace
}  // namespace dsode::data
