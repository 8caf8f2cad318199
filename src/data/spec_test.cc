#include "data/spec.h"

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
