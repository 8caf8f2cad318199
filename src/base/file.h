// Whole-file reading, and writing that never leaves half a file behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsode {

// The bytes of a file. Throws bad_input naming the file when it cannot be opened or read.
std::vector<uint8_t> read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

// Writes to a temporary name in the same folder, then renames: `path` holds the old bytes or all of the new
// ones. Throws failed (disk full, no permission) naming the file.
void write_file(const std::filesystem::path& path, std::span<const uint8_t> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

// Makes `dir` for output. A folder that holds files is refused unless `allow_existing` (--resume or --force).
void make_output_dir(const std::filesystem::path& dir, bool allow_existing);

}  // namespace dsode
