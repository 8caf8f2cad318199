// The whole path: a run's figures to JSON and back, to a page that is well formed and safe.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "report/markup_check.h"
#include "report/run_report.h"
#include "report/sections.h"

namespace dsode::report {
namespace {

using Json = nlohmann::ordered_json;

// The smallest PNG that a browser shows: one grey pixel.
const std::string kPixel(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9c"
    "ch\0\0\0\x82\0\x81w\xcdr\xb6\0\0\0\0IEND\xae"
    "B`\x82",
    67);

FeatureMap sample_features(double shift) {
  FeatureMap map{"Features", {}, {}, {}, {}};
  for (int64_t i = 0; i < 60; ++i) {
    map.x.push_back(static_cast<double>(i % 3) * 5 + std::sin(i) + static_cast<double>(i % 2) * shift);
    map.y.push_back(static_cast<double>(i % 3) * 2 + std::cos(3.0 * static_cast<double>(i)));
    map.class_id.push_back(i % 3);
    map.domain.push_back(i % 2);
  }
  return map;
}

RunReport sample_report() {
  RunReport r;
  r.title = "Digits, seen through a worse camera";
  r.subtitle = "adapted without labels";
  r.warnings = {"The last epoch was the best one."};
  r.headline = Headline{"dsodenet-t",
                        "shot",
                        "mnist",
                        "usps",
                        Accuracy{99.1, 6000, 98.8, 99.3},
                        Accuracy{61.2, 2007, 59.0, 63.3},
                        Accuracy{97.6, 2007, 96.8, 98.2},
                        std::nullopt};
  r.class_names = {"one", "two", "three"};
  r.source_samples = SampleSet{"Source", "", {{kPixel, "image 1", 0, 0, std::nullopt}}};
  r.target_samples =
      SampleSet{"Target", "unseen", {{kPixel, "image 2", 1, 2, 1}, {kPixel, "", std::nullopt, 0, 1}}};
  r.learning_curves = {{"Loss",
                        "epoch",
                        "loss",
                        {{"train", {1, 2, 3}, {2, 1, 0.5}}, {"val", {1, 2, 3}, {2, 1.5, 1}}},
                        Mark{2, "picked"}}};
  r.selected_by = "class-ami";
  r.candidates = {{"source-only", 0.5, 61.2, false}, {"shot", 0.8, std::nullopt, true}};
  r.classes = {{"one", 700, 50, 97.5}, {"two", 700, std::nullopt, 98}, {"three", 607, 90, 85}};
  r.confusion_before = Counts{{350, 350, 0}, {100, 600, 0}, {0, 60, 547}};
  r.confusion_after = Counts{{690, 10, 0}, {5, 695, 0}, {0, 0, 607}};
  r.features_before = sample_features(4);
  r.features_after = sample_features(0.2);
  r.sizes = {{"odenet-t", 171234, 168000, 41000000, 0.0, std::nullopt, false},
             {"dsodenet-t", 24482, 21310, 5100000, 87.3, 96.5, true}};
  r.sections = {
      {"Integers", "8-bit weights.", {{"bytes", "31000"}}, TextTable{{"layer", "share"}, {{"stem", "0.1"}}}}};
  r.configuration = {{"steps", "4"}, {"solver", "euler"}};
  r.commands = {"dsodenet train --model dsodenet-t"};
  r.notes = {"The checkpoint was picked without target labels."};
  r.version = "0.1.0";
  r.seed = 7;
  return r;
}

TEST(RunReport, SurvivesJson) {
  const Json json = to_json(sample_report());
  const RunReport back = from_json(Json::parse(json.dump()), "report.json");
  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(back.target_samples->samples[0].png, kPixel);
  EXPECT_EQ(back.headline->adapted->n, 2007);
  EXPECT_FALSE(back.headline->oracle_best);
  EXPECT_EQ(render(back), render(sample_report()));
}

TEST(RunReport, MissingValuesOfACurveSurviveJson) {
  RunReport report;
  report.learning_curves = {
      {"Loss", "epoch", "loss", {{"train", {1, 2}, {std::nan(""), HUGE_VAL}}}, std::nullopt}};
  const RunReport back = from_json(Json::parse(to_json(report).dump()), "report.json");
  EXPECT_TRUE(std::isnan(back.learning_curves[0].series[0].y[0]));
  EXPECT_TRUE(std::isnan(back.learning_curves[0].series[0].y[1]));
}

TEST(RunReport, TextThatIsNotUtf8StillBecomesJson) {
  RunReport report;
  report.class_names = {"caf\xE9"};
  EXPECT_EQ(from_json(Json::parse(to_json(report).dump()), "report.json").class_names[0], "caf\xEF\xBF\xBD");
}

struct Damage {
  const char* name;
  std::function<void(Json&)> apply;
  const char* named_in_error;
};

class DamagedReport : public testing::TestWithParam<Damage> {};

TEST_P(DamagedReport, IsRefusedByItsField) {
  Json json = to_json(sample_report());
  GetParam().apply(json);
  try {
    from_json(json, "r.json");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUsage);
    EXPECT_NE(std::string(error.what()).find(GetParam().named_in_error), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("r.json"), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    EveryKind, DamagedReport,
    testing::Values(
        Damage{"not_an_object", [](Json& j) { j = 3; }, "expected an object"},
        Damage{"format", [](Json& j) { j["format"] = "other/9"; }, ".format"},
        Damage{"no_format", [](Json& j) { j.erase("format"); }, ".format"},
        Damage{"unknown_key", [](Json& j) { j["titel"] = ""; }, "'titel'"},
        Damage{"nested_unknown_key", [](Json& j) { j["headline"]["adapted"]["x"] = 1; },
               "headline.adapted: unknown key"},
        Damage{"text_for_number", [](Json& j) { j["headline"]["adapted"]["value"] = "97"; },
               "headline.adapted.value"},
        Damage{"accuracy_above_100", [](Json& j) { j["headline"]["adapted"]["value"] = 197; },
               "headline.adapted.value"},
        Damage{"accuracy_missing", [](Json& j) { j["headline"]["adapted"]["value"] = nullptr; },
               "headline.adapted.value"},
        Damage{"interval_beside_value", [](Json& j) { j["headline"]["adapted"]["lo"] = 98; },
               "headline.adapted.lo"},
        Damage{"huge_count", [](Json& j) { j["headline"]["adapted"]["n"] = UINT64_MAX; },
               "headline.adapted.n"},
        Damage{"fraction_for_count", [](Json& j) { j["classes"][0]["n"] = 1.5; }, "classes[0].n"},
        Damage{"array_for_text", [](Json& j) { j["title"] = Json::array(); }, ".title"},
        Damage{"object_for_array", [](Json& j) { j["notes"] = Json::object(); }, ".notes"},
        Damage{"class_out_of_range", [](Json& j) { j["target_samples"]["samples"][0]["label"] = 3; },
               "target_samples.samples[0].label"},
        Damage{"picture_not_base64",
               [](Json& j) { j["target_samples"]["samples"][0]["png"] = "\"><script>"; },
               "target_samples.samples[0].png"},
        Damage{"picture_not_png", [](Json& j) { j["target_samples"]["samples"][0]["png"] = "PHN2Zz4="; },
               "target_samples.samples[0].png"},
        Damage{"matrix_short", [](Json& j) { j["confusion_after"].erase(2); }, "confusion_after"},
        Damage{"matrix_ragged", [](Json& j) { j["confusion_after"][1].erase(2); }, "confusion_after[1]"},
        Damage{"matrix_negative", [](Json& j) { j["confusion_after"][1][0] = -1; }, "confusion_after[1]"},
        Damage{"curve_lengths", [](Json& j) { j["learning_curves"][0]["series"][1]["x"].erase(0); },
               "learning_curves[0].series[1]"},
        Damage{"feature_lengths", [](Json& j) { j["features_after"]["y"].erase(0); }, "features_after"},
        Damage{"feature_domain", [](Json& j) { j["features_after"]["domain"][4] = 2; },
               "features_after.domain[4]"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Page, IsWellFormedAndShowsTheFigures) {
  const std::string html = render(sample_report());
  EXPECT_EQ(markup_fault(html), "");
  for (const char* part :
       {"61.2", "97.6", "96.8–98.2", "n = 2,007", "picked", "24,482", "−87.3 %", "31000",
        "Made by dsodenet 0.1.0, seed 7", "without target labels", "data:image/png;base64,iVBORw0KGgo"})
    EXPECT_NE(html.find(part), std::string::npos) << part;
}

TEST(Page, NeedsNoScriptAndNoNetwork) {
  const std::string html = render(sample_report());
  for (const char* part : {"<script", "<link", "url(", "@import", "src=\"http", "href="})
    EXPECT_EQ(html.find(part), std::string::npos) << part;
}

TEST(Page, EscapesHostileTextEverywhere) {
  const std::string hostile = "<script>alert('1')</script>\"&\x01\xFF";
  Json json = to_json(sample_report());
  // Every string of the report but pictures and the format becomes hostile.
  const std::function<void(Json&, const std::string&)> poison = [&](Json& node, const std::string& key) {
    if (node.is_string() && key != "png" && key != "format") node = hostile;
    if (node.is_structured())
      for (auto& item : node.items()) poison(item.value(), node.is_object() ? item.key() : key);
  };
  poison(json, "");
  const std::string html = render(from_json(json, "report.json"));
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find('\x01'), std::string::npos);
  EXPECT_EQ(html.find('\xFF'), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(markup_fault(html), "");
}

TEST(Page, LeavesOutWhatIsMissing) {
  const std::string html = render(RunReport{});
  EXPECT_EQ(markup_fault(html), "");
  EXPECT_EQ(html.find("<section"), std::string::npos);
  EXPECT_EQ(html.find("nan"), std::string::npos);
}

TEST(Page, SpeaksOfMovedFeaturesOnlyWhereTwoMapsShowIt) {
  RunReport report = sample_report();
  EXPECT_NE(render(report).find("How the features moved"), std::string::npos);
  EXPECT_NE(render(report).find("mix the domains"), std::string::npos);
  report.features_after = std::nullopt;
  std::fill(report.features_before->domain.begin(), report.features_before->domain.end(), 0);
  const std::string alone = render(report);
  EXPECT_EQ(alone.find("features moved"), std::string::npos);
  EXPECT_NE(alone.find("How the features lie"), std::string::npos);
  EXPECT_EQ(alone.find("domains"), std::string::npos);  // one domain: nothing to mix
}

TEST(Page, ListsTheCandidatesThatMatterOfALongRun) {
  RunReport report = sample_report();
  report.candidates.clear();
  for (int i = 0; i < 200; ++i)
    report.candidates.push_back({fmt::format("epoch {}.", i), 0.1, i == 101 ? 90.0 : 50.0, i == 103});
  const std::string html = render(report);
  EXPECT_NE(html.find("epoch 0."), std::string::npos);
  EXPECT_NE(html.find("epoch 101.<span class=\"tag\">best in hindsight"), std::string::npos);
  EXPECT_NE(html.find("epoch 103.<span class=\"tag\">chosen"), std::string::npos);
  EXPECT_EQ(html.find("epoch 102."), std::string::npos);
  EXPECT_NE(html.find("Of 200 candidates, one in 13"), std::string::npos);
}

TEST(Page, HasNoColumnForAccuraciesThatNobodyRead) {
  RunReport report = sample_report();
  for (Candidate& c : report.candidates) c.target_accuracy = std::nullopt;
  const std::string html = render(report);
  EXPECT_EQ(html.find("target accuracy"), std::string::npos);
  EXPECT_EQ(html.find("best in hindsight"), std::string::npos);
  EXPECT_EQ(markup_fault(html), "");
}

TEST(Page, BreaksNoNameAtItsHyphen) {
  RunReport report = sample_report();
  report.title = "dsodenet-t, from mnist to usps";
  EXPECT_NE(render(report).find("<h1><span class=\"whole\">dsodenet-t,</span> from"), std::string::npos);
}

TEST(Page, StandsAnInconsistentReportFromCode) {
  RunReport report = sample_report();
  report.class_names.clear();
  report.features_after->y.resize(3);
  report.confusion_after = Counts{{1}, {}};
  report.classes[0].before = std::nan("");
  EXPECT_EQ(markup_fault(render(report)), "");
}

TEST(Sentence, PraisesOnlyAClearGain) {
  Headline h = *sample_report().headline;
  EXPECT_NE(plain_words(h).find("36.4 points more"), std::string::npos) << plain_words(h);
  h.adapted = Accuracy{62.0, 2007, 59.8, 64.1};
  EXPECT_NE(plain_words(h).find("no clear difference"), std::string::npos) << plain_words(h);
  h.adapted = Accuracy{40.0, 2007, 37.9, 42.2};
  EXPECT_NE(plain_words(h).find("did harm"), std::string::npos) << plain_words(h);
}

TEST(Sentence, ClaimsNoAccuracyForATargetWithoutLabels) {
  Headline h = *sample_report().headline;
  h.source_only = h.adapted = std::nullopt;
  EXPECT_NE(plain_words(h).find("shot adapted dsodenet-t to usps without labels"), std::string::npos);
  EXPECT_NE(plain_words(h).find("before, it reached 99.1 % on images held out from mnist"),
            std::string::npos);
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(-123), "-123");
}

// DSODE_REPORT_SAMPLE=DIR leaves the sample page there to look at.
TEST(Page, CanBeLookedAt) {
  const char* dir = std::getenv("DSODE_REPORT_SAMPLE");
  if (dir == nullptr) GTEST_SKIP() << "set DSODE_REPORT_SAMPLE to a folder to keep the sample page";
  std::filesystem::create_directories(dir);
  write_file(std::filesystem::path(dir) / "report.html", render(sample_report()));
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(dir) / "report.html"));
}

}  // namespace
}  // namespace dsode::report
