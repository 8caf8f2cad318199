// Street View House Numbers, cropped digits: `train_32x32.mat`, `test_32x32.mat` with X [32,32,3,N] and y
// [N,1], where label 10 means the digit 0.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

// Labels are not decoded where `labels` is null. Throws bad_input naming `name` and the variable.
Images parse_svhn(std::span<const uint8_t> bytes, const std::string& name, std::vector<int>* labels);

// One .mat file, or the one of `split` in a folder.
Images read_svhn(const std::filesystem::path& path, Split split, std::vector<int>* labels);

}  // namespace dsode::data
