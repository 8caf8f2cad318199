#include "data/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"

namespace dsode::data {
namespace {

// Image i is bright in the middle, by i; label i % 3.
struct Fixture {
  explicit Fixture(int n = 103, Shape shape = {8, 8, 1})
      : images{n, shape, std::vector<uint8_t>(n * shape.size())} {
    for (int i = 0; i < n; ++i) {
      labels.push_back(i % 3);
      for (size_t p = shape.size() / 4; p < shape.size() / 2; ++p)
        images[i][p] = static_cast<uint8_t>(50 + i);
    }
  }
  Images images;
  std::vector<int> labels;
};

BatchOptions with_size(int batch_size) {
  BatchOptions options;
  options.batch_size = batch_size;
  options.normalization = {{0}, {1}};
  return options;
}

struct Pass {
  std::vector<int64_t> indices, labels;
  std::vector<float> pixels;
  int batches = 0;
};

Pass run(const Fixture& set, const BatchOptions& options, std::span<const int> subset = {}) {
  BatchStream stream(set.images, set.labels, subset, options);
  Pass pass;
  for (Batch batch; stream.next(batch); ++pass.batches) {
    EXPECT_EQ(batch.indices.size(), static_cast<size_t>(batch.n));
    EXPECT_EQ(batch.pixels.size(), batch.n * set.images.shape.size());
    pass.indices.insert(pass.indices.end(), batch.indices.begin(), batch.indices.end());
    pass.labels.insert(pass.labels.end(), batch.labels.begin(), batch.labels.end());
    pass.pixels.insert(pass.pixels.end(), batch.pixels.begin(), batch.pixels.end());
  }
  return pass;
}

TEST(BatchStream, GivesEachImageOnceWithItsLabelAndPixels) {
  const Fixture set;
  auto options = with_size(10);
  options.shuffle = true;
  const Pass pass = run(set, options);
  EXPECT_EQ(pass.batches, 11);
  std::vector<int64_t> sorted = pass.indices, all(103);
  std::ranges::sort(sorted);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sorted, all);
  EXPECT_NE(pass.indices, all);
  for (size_t i = 0; i < all.size(); ++i) {
    const auto index = static_cast<int>(pass.indices[i]);
    EXPECT_EQ(pass.labels[i], index % 3);
    for (size_t p = 0; p < 64; ++p) ASSERT_FLOAT_EQ(pass.pixels[i * 64 + p], set.images[index][p] / 255.0f);
  }
}

TEST(BatchStream, NormalisesEachChannel) {
  Fixture set(2, {2, 2, 3});
  std::iota(set.images.pixels.begin(), set.images.pixels.end(), 0);
  auto options = with_size(2);
  options.normalization = {{0.1f, 0.2f, 0.3f}, {0.5f, 1, 2}};
  const Pass pass = run(set, options);
  for (size_t i = 0; i < 24; ++i)
    EXPECT_NEAR(pass.pixels[i],
                (i / 255.0 - options.normalization.mean[i % 3]) / options.normalization.std[i % 3], 1e-6);
}

TEST(BatchStream, OrderAndAugmentationDoNotDependOnBatchSize) {
  const Fixture set;
  auto small = with_size(7), large = with_size(50);
  small.shuffle = large.shuffle = true;
  small.augment = large.augment = "affine";
  const Pass a = run(set, small), b = run(set, large);
  EXPECT_EQ(a.indices, b.indices);
  EXPECT_EQ(a.pixels, b.pixels);
}

TEST(BatchStream, ResumesInsideAnEpochWithTheSameBatches) {
  const Fixture set;
  auto options = with_size(10);
  options.shuffle = true;
  options.augment = "digits";
  options.epoch = 3;
  const Pass whole = run(set, options);
  options.first_batch = 4;
  const Pass rest = run(set, options);
  EXPECT_EQ(rest.batches, 7);
  EXPECT_TRUE(
      std::equal(rest.indices.begin(), rest.indices.end(), whole.indices.begin() + 40, whole.indices.end()));
  EXPECT_TRUE(
      std::equal(rest.pixels.begin(), rest.pixels.end(), whole.pixels.begin() + 40 * 64, whole.pixels.end()));
  options.first_batch = 11;
  EXPECT_EQ(run(set, options).batches, 0);
}

TEST(BatchStream, EpochsDifferAndAViewKeepsTheOrderWithOtherDraws) {
  const Fixture set;
  auto options = with_size(10);
  options.shuffle = true;
  options.augment = "affine";
  const Pass first = run(set, options);
  options.view = 1;
  const Pass view = run(set, options);
  EXPECT_EQ(view.indices, first.indices);
  EXPECT_NE(view.pixels, first.pixels);
  options.view = 0;
  options.epoch = 1;
  EXPECT_NE(run(set, options).indices, first.indices);
  options.shuffle = false;
  const Pass next = run(set, options);
  options.epoch = 0;
  EXPECT_NE(run(set, options).pixels, next.pixels);
}

TEST(BatchStream, TakesASubsetAndDropsAShortLastBatch) {
  const Fixture set;
  const std::vector<int> subset = {5, 90, 7, 8, 30};
  auto options = with_size(2);
  EXPECT_EQ(run(set, options, subset).indices, (std::vector<int64_t>{5, 90, 7, 8, 30}));
  options.drop_last = true;
  EXPECT_EQ(run(set, options, subset).indices, (std::vector<int64_t>{5, 90, 7, 8}));
  EXPECT_EQ(BatchStream(set.images, set.labels, subset, options).batches(), 2);
}

TEST(BatchStream, WorksWithoutLabelsAndOnAnEmptySet) {
  const Fixture set(5), empty(0);
  BatchStream stream(set.images, {}, {}, with_size(5));
  Batch batch;
  ASSERT_TRUE(stream.next(batch));
  EXPECT_TRUE(batch.labels.empty());
  EXPECT_FALSE(stream.next(batch));
  EXPECT_FALSE(stream.next(batch));
  EXPECT_EQ(run(empty, with_size(4)).batches, 0);
}

TEST(BatchStream, StopsCleanlyWhenDestroyedEarlyOrMoved) {
  const Fixture set(2000);
  for (int taken = 0; taken < 6; ++taken) {
    BatchStream stream(set.images, set.labels, {}, with_size(4));
    BatchStream moved(std::move(stream));
    Batch batch;
    for (int i = 0; i < taken; ++i) {
      ASSERT_TRUE(moved.next(batch));
      EXPECT_EQ(batch.indices[0], 4 * i);
    }
  }
}

TEST(BatchStream, RefusesAnUnknownAugmentation) {
  const Fixture set(5);
  auto options = with_size(2);
  options.augment = "twirl";
  EXPECT_THROW(BatchStream(set.images, set.labels, {}, options), Error);
}

TEST(MeasureNormalization, IsTheMeanAndDeviationOfEachChannel) {
  const Images images{2, {1, 1, 3}, {0, 255, 9, 255, 255, 9}};
  const Normalization measured = measure_normalization(images);
  EXPECT_NEAR(measured.mean[0], 0.5, 1e-6);
  EXPECT_NEAR(measured.std[0], 0.5, 1e-6);
  EXPECT_NEAR(measured.mean[1], 1, 1e-6);
  EXPECT_GT(measured.std[1], 0);  // a constant channel stays finite
  EXPECT_NEAR(measured.mean[2], 9 / 255.0, 1e-6);
}

TEST(StratifiedSplit, IsDisjointCompleteAndHoldsTheFractionOfEachClass) {
  std::vector<int> labels;
  for (int i = 0; i < 1000; ++i) labels.push_back(i % 10 < 7 ? 0 : i % 10 < 9 ? 1 : 2);
  const SplitIndices split = stratified_split(labels, 3, 0.1, 5);
  std::map<int, int> held;
  for (const int i : split.validation) ++held[labels[static_cast<size_t>(i)]];
  EXPECT_EQ(held, (std::map<int, int>{{0, 70}, {1, 20}, {2, 10}}));
  std::vector<int> both = split.train, all(1000);
  both.insert(both.end(), split.validation.begin(), split.validation.end());
  std::ranges::sort(both);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(both, all);
}

TEST(StratifiedSplit, IsDrawnBySeed) {
  const std::vector<int> labels(100, 0);
  EXPECT_EQ(stratified_split(labels, 1, 0.2, 1).validation, stratified_split(labels, 1, 0.2, 1).validation);
  EXPECT_NE(stratified_split(labels, 1, 0.2, 1).validation, stratified_split(labels, 1, 0.2, 2).validation);
}

TEST(StratifiedSplit, HoldsOneOfAPairAndNoneOfASingle) {
  const std::vector<int> labels = {0, 0, 1, 3};
  const SplitIndices split = stratified_split(labels, 4, 0.01, 1);
  ASSERT_EQ(split.validation.size(), 1u);
  EXPECT_EQ(labels[static_cast<size_t>(split.validation[0])], 0);
  EXPECT_EQ(split.train.size(), 3u);
}

}  // namespace
}  // namespace dsode::data
