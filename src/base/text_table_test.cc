#include "base/text_table.h"

#include <gtest/gtest.h>

#include "base/progress.h"

namespace dsode {
namespace {

TEST(TextTable, NumbersStandRightAndWordsLeftUnderARuledHeader) {
  EXPECT_EQ(text_table({{"name", "n"}, {"a", "5"}, {"long name", "1,234"}}),
            "name           n\n"
            "─────────  ─────\n"
            "a              5\n"
            "long name  1,234\n");
}

TEST(TextTable, ADashOrAGapIsNoWord) {
  EXPECT_EQ(text_table({{"n"}, {"12"}, {"-"}, {""}}), " n\n──\n12\n -\n\n");
}

TEST(TextTable, CountsCharactersNotBytes) {
  EXPECT_EQ(text_table({{"é", "b"}, {"x", "y"}}), "é  b\n─  ─\nx  y\n");
}

TEST(TextTable, NumbersAreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

TEST(Duration, IsReadAsAClock) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(59.4), "0:59");
  EXPECT_EQ(format_duration(59.6), "1:00");
  EXPECT_EQ(format_duration(67), "1:07");
  EXPECT_EQ(format_duration(2 * 3600 + 3 * 60 + 10), "2:03:10");
}

TEST(DisplayWidth, CountsCharactersNotBytes) {
  EXPECT_EQ(display_width("█é a"), 4u);
  EXPECT_EQ(display_width(""), 0u);
}

}  // namespace
}  // namespace dsode
