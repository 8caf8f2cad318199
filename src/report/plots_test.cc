#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "report/confusion_plot.h"
#include "report/interval_chart.h"
#include "report/line_chart.h"
#include "report/markup_check.h"
#include "report/scale.h"
#include "report/scatter_plot.h"
#include "report/svg.h"

namespace dsode::report {
namespace {

const double kNan = std::nan("");
constexpr double kHuge = std::numeric_limits<double>::max();

size_t count(const std::string& text, std::string_view part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

void expect_sound(const std::string& svg) {
  EXPECT_EQ(markup_fault(svg), "") << svg;
  EXPECT_EQ(svg.find("\"nan"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("inf\""), std::string::npos) << svg;
}

TEST(MarkupCheck, FindsWhatItIsFor) {
  EXPECT_EQ(markup_fault("<a b=\"1\"><c/>x &lt; y</a>"), "");
  for (const char* bad :
       {"<a>", "<a></b>", "<a b=1/>", "<a b=\"1\"c=\"2\"/>", "<a>x & y</a>", "x > y", "<a", "<1/>", "</a>"})
    EXPECT_NE(markup_fault(bad), "") << bad;
}

TEST(Escape, LeavesNoMarkup) { EXPECT_EQ(escape("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;"); }

TEST(CleanText, KeepsUtf8AndReplacesEverythingElse) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(clean_text("né 漢 😀\n"), "né 漢 😀\n");
  EXPECT_EQ(clean_text(std::string_view("a\0b", 3)), "a" + bad + "b");
  EXPECT_EQ(clean_text("\xC0\xAF"), bad + bad);            // overlong slash
  EXPECT_EQ(clean_text("\xED\xA0\x80"), bad + bad + bad);  // surrogate
  EXPECT_EQ(clean_text("\xE6\xBC"), bad + bad);            // cut short
  EXPECT_EQ(clean_text("\xEF\xBF\xBF"), bad + bad + bad);  // U+FFFF
}

TEST(Shorten, CutsBetweenCharacters) {
  EXPECT_EQ(shorten("漢字かな", 4), "漢字かな");
  EXPECT_EQ(shorten("漢字かな交", 4), "漢字か…");
  EXPECT_EQ(shorten("abc", 0), "…");
}

TEST(Coordinate, IsShortAndFinite) {
  EXPECT_EQ(coordinate(1.5), "1.5");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(coordinate(100), "100");
  EXPECT_EQ(coordinate(kNan), "0");
}

TEST(NiceAxis, CoversTheRangeWithRoundTicks) {
  const Axis axis = nice_axis({0.3, 9.2}, 5);
  EXPECT_EQ(axis.ticks, (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(axis.label(4), "4");
  const Axis fine = nice_axis({0.61, 0.83}, 4);
  EXPECT_EQ(fine.label(fine.ticks[0]), "0.60");
  EXPECT_LE(fine.range.lo, 0.61);
  EXPECT_GE(fine.range.hi, 0.83);
}

TEST(NiceAxis, StaysSmallForEveryRange) {
  for (const std::vector<double>& values : {std::vector<double>{},
                                            {kNan},
                                            {5},
                                            {0, 0},
                                            {1e16, 1e16 + 2},
                                            {-1e99, 1e99},
                                            {1e-300, 2e-300},
                                            {kHuge, -kHuge}}) {
    const Axis axis = nice_axis(range_of(values), 5);
    EXPECT_LE(axis.ticks.size(), 13U);
    EXPECT_GE(axis.ticks.size(), 2U);
    EXPECT_LT(axis.range.lo, axis.range.hi);
  }
}

TEST(LineChart, DrawsEverySeriesOnceAndNamesThem) {
  const std::string svg = draw(LineChart{"Loss",
                                         "epoch",
                                         "loss",
                                         {{"train", {1, 2, 3}, {3, 2, 1}}, {"val", {1, 2, 3}, {3, 3, 2}}},
                                         Mark{2, "picked"}});
  expect_sound(svg);
  EXPECT_EQ(count(svg, "<path"), 2U);
  EXPECT_EQ(count(svg, "class=\"ring"), 2U);
  EXPECT_EQ(count(svg, ">train<") + count(svg, ">val<") + count(svg, ">picked<"), 3U);
}

TEST(LineChart, BreaksTheLineWhereAValueIsMissing) {
  const std::string svg =
      draw(LineChart{"t", "x", "y", {{"a", {1, 2, 3, 4}, {1, kNan, 2, 3}}}, std::nullopt});
  const size_t path = svg.find("<path d=\"");
  EXPECT_EQ(count(svg.substr(path, svg.find("class", path) - path), "M"), 2U);
}

TEST(LineChart, StandsDegenerateData) {
  for (const Series& s : std::vector<Series>{{"", {}, {}},
                                             {"one", {1}, {1}},
                                             {"constant", {1, 2, 3}, {5, 5, 5}},
                                             {"nan", {1, 2}, {kNan, kNan}},
                                             {"huge", {1, 2}, {kHuge, -kHuge}},
                                             {"ragged", {1, 2, 3}, {1}},
                                             {"same x", {2, 2}, {1, 3}}})
    expect_sound(draw(LineChart{"t", "x", "y", {s, {"<b>", {}, {}}}, Mark{kNan, "m"}}));
  expect_sound(draw(LineChart{}));
}

TEST(IntervalChart, PutsAHigherValueFurtherRight) {
  const std::string svg = draw(IntervalChart{"a", "%", {{"before", 61, 60, 62}, {"after", 83, 82, 84}}});
  expect_sound(svg);
  const size_t first = svg.find("cx=\"") + 4, second = svg.find("cx=\"", first) + 4;
  EXPECT_LT(std::stod(svg.substr(first)), std::stod(svg.substr(second)));
}

TEST(IntervalChart, StandsDegenerateData) {
  expect_sound(draw(IntervalChart{}));
  expect_sound(draw(IntervalChart{"a", "%", {{"x", 100, 100, 100}, {"y", kNan, kNan, kNan}}}));
  expect_sound(draw_change(kNan, kNan, "<"));
}

TEST(ConfusionPlot, PaintsRightAnswersAndMistakesApart) {
  const std::string svg = draw(ConfusionPlot{"m", {"a", "b"}, {{9, 1}, {0, 4}}});
  expect_sound(svg);
  EXPECT_EQ(count(svg, "fill accent"), 2U);
  EXPECT_EQ(count(svg, "fill warm"), 1U);
  EXPECT_EQ(count(svg, ">90<") + count(svg, ">10<") + count(svg, ">100<"), 3U);
}

TEST(ConfusionPlot, StandsDegenerateData) {
  expect_sound(draw(ConfusionPlot{}));
  expect_sound(draw(ConfusionPlot{"m", {"<script>"}, {{5}}}));
  expect_sound(draw(ConfusionPlot{"m", {}, {{0, 0}, {}}}));
  expect_sound(draw(ConfusionPlot{"m", {"a", "b", "c"}, {{INT64_MAX, -1, 7, 8}, {1}}}));
  const std::vector<std::vector<int64_t>> many(100, std::vector<int64_t>(100, 1));
  EXPECT_EQ(count(draw(ConfusionPlot{"m", std::vector<std::string>(100, "name"), many}), ">name<"), 0U);
}

TEST(ScatterPlot, DrawsEachPointOnce) {
  ScatterPlot plot{"p", {}, {}, {}, {"a", "b"}, {}, true};
  for (int i = 0; i < 50; ++i) {
    plot.x.push_back(i);
    plot.y.push_back(std::sin(i));
    plot.group.push_back(i % 2);
  }
  const std::string svg = draw(plot);
  expect_sound(svg);
  EXPECT_EQ(count(svg, "h0"), 50U);
  EXPECT_EQ(count(svg, ">a<") + count(svg, ">b<"), 2U);
}

TEST(ScatterPlot, StandsDegenerateData) {
  expect_sound(draw(ScatterPlot{}));
  expect_sound(draw(ScatterPlot{"p", {1}, {1}, {0}, {"<b>"}, {}, true}));
  const std::string svg =
      draw(ScatterPlot{"p", {1, kNan, 3, 4}, {1, 1, 1, kHuge}, {0, 0, 9, 0}, {"a"}, {"accent"}, false});
  expect_sound(svg);
  EXPECT_EQ(count(svg, "h0"), 1U);
}

TEST(StandaloneSvg, CarriesItsStyle) {
  const std::string svg = standalone_svg(draw(ConfusionPlot{"m", {"a"}, {{1}}}));
  expect_sound(svg);
  EXPECT_EQ(count(svg, "<style>"), 1U);
  EXPECT_EQ(svg.find("<svg"), 0U);
}

}  // namespace
}  // namespace dsode::report
