#include "data/dataset.h"

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

#include "data/fixture.h"
#include "data/registry.h"
#include "data/shift.h"

namespace dsode::data {
namespace {

// Data folders with small files under the names of real sets.
class DatasetFiles : public testing::Test {
 protected:
  void write_images(const std::string& stem, uint32_t n, uint32_t side = 4) {
    dir_.write(stem + "-images.idx.gz", gzip(idx_bytes({n, side, side}, counting(n * side * side))));
  }
  void write_labels(const std::string& stem, const Bytes& labels) {
    dir_.write(stem + "-labels.idx.gz", gzip(idx_bytes({static_cast<uint32_t>(labels.size())}, labels)));
  }
  std::string labelled_error(const std::string& spec) {
    return error_of([&] { load_labelled(spec, options_); });
  }
  std::string path(const std::string& name) const { return (dir_.path() / name).string(); }

  TempDir dir_;
  LoadOptions options_{.data_dirs = {dir_.path()}, .shape = {}};
};

TEST_F(DatasetFiles, LoadsANamedSetWithItsClasses) {
  write_images("usps-test", 3);
  write_labels("usps-test", {4, 0, 9});
  const LabelledSet set = load_labelled("usps", options_);
  EXPECT_EQ(set.name, "usps");
  EXPECT_EQ(set.images.pixels, counting(48));
  EXPECT_EQ(set.labels, (std::vector<int>{4, 0, 9}));
  EXPECT_EQ(set.classes.size(), 10u);
}

TEST_F(DatasetFiles, TakesTheSplitOfTheSpecBeforeTheDefault) {
  write_images("usps-train", 5);
  write_images("usps-test", 2);
  EXPECT_EQ(load_unlabelled("usps:train", options_).images.n, 5);
  EXPECT_EQ(load_unlabelled("usps", options_).images.n, 2);
  options_.default_split = Split::kTrain;
  EXPECT_EQ(load_unlabelled("usps", options_).images.n, 5);
}

TEST_F(DatasetFiles, NeverOpensALabelFileForAnUnlabelledSet) {
  write_images("usps-test", 2);
  dir_.write("usps-test-labels.idx.gz", counting(3));  // reading it would throw
  EXPECT_EQ(load_unlabelled("usps", options_).images.n, 2);
  EXPECT_TRUE(says(labelled_error("usps"), "usps-test-labels.idx.gz"));
}

TEST_F(DatasetFiles, ReadsThePublishedNamesOfMnistFilesToo) {
  dir_.write("fashion-mnist/t10k-images-idx3-ubyte", idx_bytes({2, 3, 3}, counting(18)));
  dir_.write("fashion-mnist/t10k-labels-idx1-ubyte.gz", gzip(idx_bytes({2}, Bytes{8, 9})));
  const LabelledSet set = load_labelled("fashion-mnist:test", options_);
  EXPECT_EQ(set.labels, (std::vector<int>{8, 9}));
  EXPECT_EQ(set.classes[9], "boot");
}

TEST_F(DatasetFiles, TakesTheFirstFolderThatHoldsTheSet) {
  write_images("second/usps-test", 7);
  write_images("second/usps-train", 7);
  write_images("first/usps-test", 3);
  options_.data_dirs = {dir_.path() / "none", dir_.path() / "first", dir_.path() / "second"};
  EXPECT_EQ(load_unlabelled("usps:test", options_).images.n, 3);
  EXPECT_TRUE(
      says(error_of([&] { load_unlabelled("usps:train", options_); }), "first", "not its split 'train'"));
}

TEST_F(DatasetFiles, SaysWhereItSearchedAndHowToGetTheSet) {
  EXPECT_TRUE(
      says(labelled_error("fashion-mnist"), dir_.path().string(), "apt-get install dataset-fashion-mnist"));
}

TEST_F(DatasetFiles, RefusesLabelsThatDoNotFitTheImages) {
  write_images("usps-test", 3);
  write_labels("usps-test", {1, 2});
  EXPECT_TRUE(says(labelled_error("usps"), "2 labels for 3 images"));
  write_labels("usps-test", {1, 2, 10});
  EXPECT_TRUE(says(labelled_error("usps"), "label 10 of image 2 is not below the 10 classes"));
  write_labels("usps-test", {2, 2, 2});
  EXPECT_TRUE(says(labelled_error("usps"), "only one class, 2"));
}

TEST_F(DatasetFiles, InfersTheClassesOfAnIdxPrefix) {
  write_images("mine", 3);
  write_labels("mine", {0, 2, 0});
  const LabelledSet set = load_labelled("idx:" + path("mine"), options_);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_TRUE(says(labelled_error("idx:" + path("yours")), "yours-images.idx.gz: no such file"));
  write_labels("mine", {0, 0, 0});
  EXPECT_TRUE(says(labelled_error("idx:" + path("mine")), "only one class"));
}

TEST_F(DatasetFiles, KeepsTheFirstImages) {
  write_images("mine", 3);
  write_labels("mine", {1, 1, 0});
  options_.limit = 2;
  const LabelledSet set = load_labelled("idx:" + path("mine"), options_);
  EXPECT_EQ(set.images.pixels, counting(32));
  EXPECT_EQ(set.labels, (std::vector<int>{1, 1}));
}

TEST_F(DatasetFiles, KeepsARangeWithItsLabels) {
  write_images("mine", 3);
  write_labels("mine", {1, 2, 0});
  const LabelledSet set = load_labelled("idx:" + path("mine") + "[1:3]", options_);
  const Images all = load_unlabelled("idx:" + path("mine"), options_).images;
  EXPECT_EQ(set.labels, (std::vector<int>{2, 0}));
  EXPECT_TRUE(std::equal(set.images[0].begin(), set.images[0].end(), all[1].begin()));
  EXPECT_EQ(load_unlabelled("idx:" + path("mine") + "[1:3]", options_).images.pixels, set.images.pixels);
  EXPECT_TRUE(says(labelled_error("idx:" + path("mine") + "[1:4]"), "it has 3 images"));
}

TEST_F(DatasetFiles, TellsTheClassesAndWhereThereAreNone) {
  write_images("mine", 3);
  EXPECT_TRUE(class_names("idx:" + path("mine"), options_).empty());
  write_labels("mine", {1, 2, 0});
  EXPECT_EQ(class_names("idx:" + path("mine"), options_).size(), 3u);
  EXPECT_EQ(class_names("fashion-mnist+blur", options_)[9], "boot");
}

TEST_F(DatasetFiles, ShiftsAtTheSetsOwnSizeThenConverts) {
  write_images("mine", 2, 8);
  const std::string spec = "idx:" + path("mine") + "+rotate30+noise2";
  const Images own = load_unlabelled(spec, options_).images;
  const Images plain = load_unlabelled("idx:" + path("mine"), options_).images;
  EXPECT_EQ(own.pixels,
            apply_shifts(plain, {parse_shift("rotate30"), parse_shift("noise2")}, options_.seed).pixels);
  options_.shape = Shape{16, 16, 3};
  EXPECT_EQ(load_unlabelled(spec, options_).images.pixels, convert(own, *options_.shape).pixels);
}

TEST_F(DatasetFiles, LoadsFoldersOfPictures) {
  Bytes png;
  cv::imencode(".png", cv::Mat(6, 6, CV_8UC1, cv::Scalar(50)), png);
  dir_.write("pets/cat/1.png", png);
  EXPECT_TRUE(says(labelled_error("folder:" + path("pets")), "only one class, 'cat'"));
  EXPECT_TRUE(says(labelled_error("folder:" + path("pets/cat")), "without labels"));
  EXPECT_EQ(load_unlabelled("folder:" + path("pets/cat"), options_).images.n, 1);
  dir_.write("pets/dog/1.png", png);
  const LabelledSet set = load_labelled("folder:" + path("pets"), options_);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(set.labels, (std::vector<int>{0, 1}));
  EXPECT_EQ(set.images.shape, (Shape{6, 6, 1}));
  options_.limit = 1;
  EXPECT_EQ(load_labelled("folder:" + path("pets"), options_).labels, std::vector<int>{0});
}

TEST_F(DatasetFiles, ListsEverySetAndWhereItIs) {
  write_images("usps-train", 1);
  const auto infos = list_sets({dir_.path()});
  EXPECT_EQ(infos.size(), named_sets().size());
  for (const SetInfo& info : infos) {
    EXPECT_EQ(info.available, info.name == "usps") << info.name;
    EXPECT_EQ(info.dir, info.available ? dir_.path() : std::filesystem::path());
  }
}

TEST(DataDirs, ListsOptionThenEnvironmentThenDefaults) {
  const char* before = std::getenv("DSODENET_DATA");
  const std::string saved = before == nullptr ? "" : before;
  setenv("DSODENET_DATA", "/e1::/e2", 1);
  const std::vector<std::filesystem::path> expected{"/o", "/e1", "/e2", "./data", "/usr/share/datasets"};
  EXPECT_EQ(default_data_dirs("/o"), expected);
  unsetenv("DSODENET_DATA");
  EXPECT_EQ(default_data_dirs("").size(), 2u);
  if (before != nullptr) setenv("DSODENET_DATA", saved.c_str(), 1);
}

TEST(Convert, KeepsEqualShapesAndFlatColours) {
  const Images grey{1, {4, 4, 1}, counting(16)};
  EXPECT_EQ(convert(grey, {4, 4, 1}).pixels, grey.pixels);
  const Images flat{2, {5, 7, 1}, Bytes(70, 77)};
  for (const Shape shape : {Shape{28, 28, 1}, Shape{3, 3, 3}, Shape{2, 9, 1}})
    EXPECT_EQ(convert(flat, shape).pixels, Bytes(2 * shape.size(), 77)) << shape.text();
}

TEST(Convert, ShrinksByAreaAndWeighsColoursByRec601) {
  const Images grey{1, {2, 2, 1}, {10, 20, 30, 40}};
  EXPECT_EQ(convert(grey, {1, 1, 1}).pixels, Bytes{25});
  EXPECT_EQ(convert(Images{1, {1, 1, 3}, {100, 0, 0}}, {1, 1, 1}).pixels, Bytes{30});
  EXPECT_EQ(convert(Images{1, {1, 1, 3}, {0, 100, 0}}, {1, 1, 1}).pixels, Bytes{59});
  EXPECT_EQ(convert(Images{1, {1, 1, 1}, {42}}, {1, 1, 3}).pixels, Bytes(3, 42));
}

TEST(Convert, CropsTheCentreWhereTheAspectDiffers) {
  EXPECT_EQ(convert(Images{1, {1, 3, 1}, {1, 2, 3}}, {1, 1, 1}).pixels, Bytes{2});
  EXPECT_EQ(convert(Images{1, {4, 2, 1}, counting(8)}, {2, 2, 1}).pixels, (Bytes{2, 3, 4, 5}));
}

TEST(WithoutLabels, KeepsNameAndImages) {
  const UnlabelledSet set = without_labels({"x", {1, {1, 1, 1}, {5}}, {0}, {"a"}});
  EXPECT_EQ(set.name, "x");
  EXPECT_EQ(set.images.pixels, Bytes{5});
}

// Every named set of the data folder that DSODENET_DATA names.
TEST(RealData, LoadsWithEveryClassPresent) {
  if (std::getenv("DSODENET_DATA") == nullptr) GTEST_SKIP() << "DSODENET_DATA is not set";
  LoadOptions options{.data_dirs = default_data_dirs(""), .shape = {}};
  for (const SetInfo& info : list_sets(options.data_dirs)) {
    if (!info.available) continue;
    const LabelledSet set = load_labelled(info.name + ":test", options);
    EXPECT_GT(set.images.n, 0) << info.name;
    EXPECT_EQ(set.images.pixels.size(), set.images.n * set.images.shape.size());
    for (size_t c = 0; c < set.classes.size(); ++c)
      EXPECT_GT(std::count(set.labels.begin(), set.labels.end(), static_cast<int>(c)), 0)
          << info.name << " " << c;
  }
}

TEST(RealData, HoldsTheUspsOfItsDescription) {
  if (std::getenv("DSODENET_DATA") == nullptr) GTEST_SKIP() << "DSODENET_DATA is not set";
  const LabelledSet set = load_labelled("usps:test", {.data_dirs = default_data_dirs(""), .shape = {}});
  EXPECT_EQ(set.images.n, 1606);
  EXPECT_EQ(set.images.shape, (Shape{16, 16, 1}));
  EXPECT_EQ(std::count(set.labels.begin(), set.labels.end(), 0), 282);
}

}  // namespace
}  // namespace dsode::data
