#include "data/spec.h"

#include <algorithm>

#include "data/fixture.h"

namespace dsode::data {
namespace {

std::string parse_error(const std::string& text) {
  return error_of([&] { parse_spec(text); });
}

TEST(Spec, ReadsNamedSetsWithAndWithoutSplit) {
  const Spec bare = parse_spec("mnist");
  EXPECT_EQ(bare.source, Source::kNamed);
  EXPECT_EQ(bare.set, "mnist");
  EXPECT_EQ(bare.split, std::nullopt);
  EXPECT_EQ(parse_spec("usps:test").split, Split::kTest);
  EXPECT_EQ(parse_spec("office10-dslr:train").split, Split::kTrain);
}

TEST(Spec, ReadsShiftsInOrder) {
  const Spec spec = parse_spec("fashion-mnist:test+rotate30+noise");
  ASSERT_EQ(spec.shifts.size(), 2u);
  EXPECT_EQ(spec.shifts[0].name, "rotate");
  EXPECT_EQ(spec.shifts[0].amount, 30);
  EXPECT_EQ(spec.shifts[1].name, "noise");
  EXPECT_EQ(spec.split, Split::kTest);
}

TEST(Spec, ReadsPathsThatHoldColonsAndPluses) {
  const Spec spec = parse_spec("folder:/a:b/c++/x:train+blur2");
  EXPECT_EQ(spec.source, Source::kFolder);
  EXPECT_EQ(spec.path, "/a:b/c++/x:train");
  EXPECT_EQ(spec.split, std::nullopt);
  ASSERT_EQ(spec.shifts.size(), 1u);
  EXPECT_EQ(parse_spec("idx:a/b").source, Source::kIdx);
  EXPECT_EQ(parse_spec("cifar10-bin:a").source, Source::kCifar);
  EXPECT_EQ(parse_spec("svhn:C:a.mat").path, "C:a.mat");
}

TEST(Spec, ReadsRanges) {
  const Spec images = parse_spec("fashion-mnist:train[10:30]+camera");
  ASSERT_TRUE(images.range);
  EXPECT_EQ(images.range->from, 10);
  EXPECT_EQ(images.range->to, 30);
  EXPECT_FALSE(images.range->percent);
  EXPECT_EQ(images.split, Split::kTrain);
  EXPECT_EQ(images.shifts.size(), 1u);
  EXPECT_TRUE(parse_spec("folder:/a[0%:70%]").range->percent);
  EXPECT_EQ(parse_spec("folder:/a[x]").path, "/a[x]");
}

TEST(Spec, RefusesRangesThatMeanNothing) {
  for (const char* text :
       {"mnist[5:5]", "mnist[9:3]", "mnist[0%:101%]", "mnist[0:50%]", "mnist[:5]", "mnist[1:2:3]"})
    EXPECT_TRUE(says(parse_error(text), "range")) << text;
}

TEST(Spec, PercentRangesPartTheSetInAFixedRandomOrder) {
  const auto at = [](const char* text, int n) { return parse_spec(text).range->positions(n, text); };
  std::vector<int> all = at("mnist[0%:70%]", 101);
  EXPECT_FALSE(std::is_sorted(all.begin(), all.end()));
  const std::vector<int> rest = at("mnist[70%:100%]", 101);
  all.insert(all.end(), rest.begin(), rest.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 101u);
  for (int i = 0; i < 101; ++i) EXPECT_EQ(all[i], i);
  EXPECT_EQ(at("mnist[3:5]", 10), (std::vector<int>{3, 4}));
  EXPECT_TRUE(says(error_of([&] { at("mnist[3:11]", 10); }), "10 images"));
}

TEST(Spec, TextParsesToTheSameSpec) {
  for (const char* text :
       {"mnist", "usps:test", "fashion-mnist:train[0%:50%]+camera+noise1", "folder:/a/b[2:9]+blend5@/t"})
    EXPECT_EQ(spec_text(parse_spec(text)), text);
}

TEST(Spec, NamesTheNearestSetSplitAndShift) {
  EXPECT_TRUE(says(parse_error("mnsit"), "unknown data set 'mnsit'", "'mnist'"));
  EXPECT_TRUE(says(parse_error("foldr:x"), "did you mean 'folder'"));
  EXPECT_TRUE(says(parse_error("mnist:tset"), "unknown split 'tset'", "'test'"));
  EXPECT_TRUE(says(parse_error("mnist+rotat30"), "rotate"));
  EXPECT_TRUE(says(parse_error("./photos"), "folder:./photos"));
}

TEST(Spec, RefusesWhatIsMissing) {
  for (const char* text :
       {"", ":", "mnist:", "mnist+", "+blur", "folder", "folder:", "svhn:+blur", "mnist+Blur"})
    EXPECT_FALSE(parse_error(text).empty()) << text;
}

}  // namespace
}  // namespace dsode::data
