#include "train/run_folder.h"

#include "base/fixture.h"

namespace dsode::train {
namespace {

TEST(MetricsLog, HasEachLineOnDiskAtOnce) {
  const TempDir dir;
  MetricsLog log(dir.path() / "metrics.jsonl", 0);
  log.append({{"epoch", 1}, {"loss", 0.5}});
  EXPECT_EQ(read_text(dir.path() / "metrics.jsonl"), "{\"epoch\":1,\"loss\":0.5}\n");
  log.append({{"epoch", 2}});
  EXPECT_EQ(read_text(dir.path() / "metrics.jsonl"), "{\"epoch\":1,\"loss\":0.5}\n{\"epoch\":2}\n");
}

TEST(MetricsLog, AResumedRunKeepsTheLinesItHasDone) {
  const TempDir dir;
  const auto path = dir.path() / "metrics.jsonl";
  write_file(path, std::string_view("{\"epoch\":1}\n{\"epoch\":2}\n{\"epoch\":3}\n"));
  MetricsLog log(path, 2);
  EXPECT_EQ(log.lines().size(), 2u);
  log.append({{"epoch", 30}});
  EXPECT_EQ(read_text(path), "{\"epoch\":1}\n{\"epoch\":2}\n{\"epoch\":30}\n");
}

TEST(MetricsLog, ANewRunKeepsNone) {
  const TempDir dir;
  const auto path = dir.path() / "metrics.jsonl";
  write_file(path, std::string_view("{\"epoch\":1}\n"));
  MetricsLog(path, 0).append({{"epoch", 7}});
  EXPECT_EQ(read_text(path), "{\"epoch\":7}\n");
}

TEST(MetricsLog, ALineThatIsNoJsonIsNamed) {
  const TempDir dir;
  const auto path = dir.path() / "metrics.jsonl";
  write_file(path, std::string_view("{\"epoch\":1}\n{\"epo"));
  EXPECT_TRUE(says(error_of([&] { MetricsLog(path, 2); }), "metrics.jsonl:2", "not JSON"));
}

TEST(RunFolder, ClearingLeavesFilesThatAreNotOfARun) {
  const TempDir dir;
  const RunFolder folder(dir.path());
  for (const auto& file : {folder.best(), folder.last(), folder.metrics(), folder.results(), folder.report(),
                           dir.path() / "notes.txt"})
    write_file(file, std::string_view("x"));
  folder.clear();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
  EXPECT_TRUE(std::filesystem::exists(dir.path() / "notes.txt"));
}

TEST(Memory, PeakIsThatOfARunningProcess) { EXPECT_GT(peak_rss_mb(), 1); }

}  // namespace
}  // namespace dsode::train
