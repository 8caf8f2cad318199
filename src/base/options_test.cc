#include "base/options.h"

#include <gtest/gtest.h>

#include "base/fixture.h"

namespace dsode {
namespace {

struct Values {
  bool flag = false;
  int count = 3;
  uint64_t seed = 1;
  double rate = 0.5;
  std::string norm = "bn";
  std::vector<int> widths{1, 2};
  std::optional<int> steps;
  OptionSet options;

  Values() {
    options.add("flag", flag, "");
    options.add("batch_count", count, "");
    options.add("seed", seed, "");
    options.add("rate", rate, "");
    options.add("norm", norm, "", {"bn", "gn", "none"});
    options.add("widths", widths, "");
    options.add("steps", steps, "");
  }
  void set(const std::string& name, const std::string& text) { options.set(name, text, "--" + name); }
  std::string error(const std::string& name, const std::string& text) {
    return error_of([&] { set(name, text); });
  }
};

TEST(Options, TextBecomesValuesOfEveryType) {
  Values v;
  v.set("flag", "yes");
  v.set("batch_count", "-7");
  v.set("seed", "18446744073709551615");
  v.set("rate", "1e-3");
  v.set("norm", "gn");
  v.set("widths", "4,6,8");
  v.set("steps", "9");
  EXPECT_TRUE(v.flag);
  EXPECT_EQ(v.count, -7);
  EXPECT_EQ(v.seed, ~uint64_t{0});
  EXPECT_EQ(v.rate, 1e-3);
  EXPECT_EQ(v.norm, "gn");
  EXPECT_EQ(v.widths, (std::vector{4, 6, 8}));
  EXPECT_EQ(v.steps, 9);
}

TEST(Options, NamesMayBeWrittenInKebabCase) {
  Values v;
  v.set("batch-count", "5");
  EXPECT_EQ(v.count, 5);
  EXPECT_EQ(v.options.options()[1].flag(), "--batch-count");
}

TEST(Options, UnknownNameSuggestsTheNearest) {
  EXPECT_TRUE(says(Values().error("batch_cuont", "5"), "--batch_cuont", "unknown option", "'batch_count'"));
}

TEST(Options, ValuesThatDoNotParseAreNamed) {
  Values v;
  EXPECT_TRUE(says(v.error("flag", "maybe"), "--flag", "'maybe'", "true"));
  EXPECT_TRUE(says(v.error("batch_count", "3x"), "--batch_count", "'3x'", "whole number"));
  EXPECT_TRUE(says(v.error("batch_count", ""), "''"));
  EXPECT_TRUE(says(v.error("batch_count", "99999999999"), "'99999999999'"));
  EXPECT_TRUE(says(v.error("seed", "-1"), "'-1'"));
  EXPECT_TRUE(says(v.error("rate", "fast"), "'fast'"));
  EXPECT_TRUE(says(v.error("rate", "nan"), "finite"));
  EXPECT_TRUE(says(v.error("rate", "inf"), "finite"));
  EXPECT_TRUE(says(v.error("norm", "bm"), "unknown value 'bm'", "'bn'"));
  EXPECT_TRUE(says(v.error("widths", "4,,6"), "''"));
  EXPECT_TRUE(says(v.error("widths", "4,x"), "'x'"));
}

TEST(Options, AFaultyValueChangesNothing) {
  Values v;
  v.error("widths", "7,x");
  v.error("steps", "x");
  EXPECT_EQ(v.widths, (std::vector{1, 2}));
  EXPECT_FALSE(v.steps.has_value());
}

TEST(Options, TomlRoundTrip) {
  Values a, b;
  a.set("flag", "true");
  a.set("rate", "0.1");
  a.set("widths", "9");
  const TempDir dir;
  write_file(dir.path() / "a.toml", a.options.to_toml());
  b.set("batch_count", "8");
  b.options.load_toml(dir.path() / "a.toml");
  EXPECT_EQ(b.options.to_json(), a.options.to_json());
  EXPECT_EQ(b.count, 3);
}

TEST(Options, UnsetOptionalsAreNullInJsonAndAbsentFromToml) {
  Values v;
  EXPECT_TRUE(v.options.to_json().at("steps").is_null());
  EXPECT_EQ(v.options.to_toml().find("steps"), std::string::npos);
}

TEST(Options, FaultyTomlIsNamedWithFileAndKeyOrLine) {
  const TempDir dir;
  const auto path = dir.path() / "a.toml";
  const auto load = [&](const std::string& text) {
    write_file(path, text);
    return error_of([&] { Values().options.load_toml(path); });
  };
  EXPECT_TRUE(says(load("rat = 1\n"), "a.toml: rat", "'rate'"));
  EXPECT_TRUE(says(load("batch_count = 2.5\n"), "a.toml: batch_count", "'2.5'"));
  EXPECT_TRUE(says(load("rate = 1\nseed = \n"), "a.toml:2"));
  EXPECT_TRUE(says(load("[rate]\nx = 1\n"), "a.toml: rate", "flat"));
  EXPECT_TRUE(says(error_of([&] { Values().options.load_toml(dir.path() / "none.toml"); }), "none.toml",
                   "cannot open"));
}

}  // namespace
}  // namespace dsode
