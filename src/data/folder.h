// A folder of one's own PNG and JPEG pictures.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

// The pictures below a folder: in one sub-folder a class, sorted by name, or flat with no classes.
struct PictureList {
  std::vector<std::filesystem::path> files;
  std::vector<int> labels;           // by sub-folder; empty where flat
  std::vector<std::string> classes;  // names of the sub-folders
};

// Throws bad_input for a folder that is missing or has no pictures. Hidden names and other files are passed
// over.
PictureList list_pictures(const std::filesystem::path& dir);

// Decodes `files` into one shape: `shape` where given, else the size that all of them have, else (sizes
// differ, or over 2 GiB in all) 64x64x3. `name` is for the log line that says what was converted.
Images read_pictures(const std::vector<std::filesystem::path>& files, std::optional<Shape> shape,
                     const std::string& name);

}  // namespace dsode::data
