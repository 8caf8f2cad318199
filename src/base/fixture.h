// For tests: a folder that lives as long as the test, and what an error says.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/error.h"
#include "base/file.h"

namespace dsode {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dsode-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw failed("cannot make a temporary folder");
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes PATH/`name`, with the folders on the way.
  std::filesystem::path write(const std::string& name, std::span<const uint8_t> bytes) const {
    auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    write_file(file, bytes);
    return file;
  }

 private:
  std::filesystem::path path_;
};

// Runs `work`, expects a usage error, and gives its text and hint.
template <class Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::kUsage) << e.what();
    return std::string(e.what()) + " | " + e.hint();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

// Whether `text` holds every one of `pieces`.
template <class... Pieces>
testing::AssertionResult says(const std::string& text, const Pieces&... pieces) {
  if (((text.find(pieces) != std::string::npos) && ...)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "the text is: " << text;
}

}  // namespace dsode
