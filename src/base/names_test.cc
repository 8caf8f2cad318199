#include "base/names.h"

#include <gtest/gtest.h>

namespace dsode {
namespace {

const std::vector<std::string> kNames{"euler", "midpoint", "heun", "rk4"};

TEST(Names, TheNearestIsFoundThroughEachKindOfTypo) {
  EXPECT_EQ(nearest_name("eulr", kNames), "euler");         // left out
  EXPECT_EQ(nearest_name("eulerr", kNames), "euler");       // doubled
  EXPECT_EQ(nearest_name("midpiont", kNames), "midpoint");  // swapped
  EXPECT_EQ(nearest_name("rk5", kNames), "rk4");            // another letter
  EXPECT_EQ(nearest_name("euler", kNames), "euler");
}

TEST(Names, NothingIsSuggestedFromFarAway) {
  EXPECT_EQ(nearest_name("tableau", kNames), "");
  EXPECT_EQ(nearest_name("x", std::vector<std::string>{}), "");
}

TEST(Names, TheHintNamesTheNearestAndAll) {
  EXPECT_EQ(unknown_name_hint("eulr", kNames), "did you mean 'euler'? known: euler, midpoint, heun, rk4");
  EXPECT_EQ(unknown_name_hint("tableau", kNames), "known: euler, midpoint, heun, rk4");
}

}  // namespace
}  // namespace dsode
