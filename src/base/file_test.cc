#include "base/file.h"

#include <sys/resource.h>

#include <csignal>

#include "base/fixture.h"

namespace dsode {
namespace {

namespace fs = std::filesystem;

int files_in(const fs::path& dir) {
  return static_cast<int>(std::distance(fs::directory_iterator(dir), fs::directory_iterator()));
}

// While it lives no file may grow beyond 10 bytes: writing more fails as on a full disk.
class TinyFiles {
 public:
  TinyFiles() {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 10;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~TinyFiles() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(File, WhatIsWrittenIsRead) {
  const TempDir dir;
  const fs::path path = dir.path() / "a";
  const std::string text("line\n\0more", 10);
  write_file(path, text);
  EXPECT_EQ(read_text(path), text);
  EXPECT_EQ(read_file(path).size(), text.size());
  EXPECT_EQ(files_in(dir.path()), 1);
}

TEST(File, AnEmptyFileIsReadAsSuch) {
  const TempDir dir;
  write_file(dir.path() / "a", std::string_view());
  EXPECT_EQ(read_text(dir.path() / "a"), "");
}

TEST(File, WhatCannotBeReadIsNamed) {
  const TempDir dir;
  EXPECT_TRUE(says(error_of([&] { read_file(dir.path() / "none"); }), "none", "cannot open"));
  EXPECT_TRUE(says(error_of([&] { read_file(dir.path()); }), dir.path().string(), "is a folder"));
}

TEST(File, AFullDiskLeavesTheOldBytesAndNothingElse) {
  const TempDir dir;
  const fs::path path = dir.path() / "a";
  write_file(path, std::string_view("old"));
  {
    const TinyFiles full;
    try {
      write_file(path, std::string_view("far more than ten bytes"));
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kFailed);
      EXPECT_TRUE(says(error.what(), path.string(), "cannot write"));
      EXPECT_TRUE(says(error.hint(), "disk space"));
    }
  }
  EXPECT_EQ(read_text(path), "old");
  EXPECT_EQ(files_in(dir.path()), 1);
}

TEST(File, AMissingFolderIsAnErrorOfWriting) {
  const TempDir dir;
  EXPECT_THROW(write_file(dir.path() / "none/a", std::string_view("x")), Error);
}

TEST(OutputDir, IsMadeWithItsParentsAndMayBeEmpty) {
  const TempDir dir;
  make_output_dir(dir.path() / "a/b", false);
  make_output_dir(dir.path() / "a/b", false);
  EXPECT_TRUE(fs::is_directory(dir.path() / "a/b"));
}

TEST(OutputDir, WithFilesIsRefusedUnlessAllowed) {
  const TempDir dir;
  write_file(dir.path() / "a", std::string_view("x"));
  EXPECT_TRUE(says(error_of([&] { make_output_dir(dir.path(), false); }), "--out", "not empty", "--force"));
  make_output_dir(dir.path(), true);
  EXPECT_TRUE(says(error_of([&] { make_output_dir(dir.path() / "a", true); }), "is a file"));
}

}  // namespace
}  // namespace dsode
