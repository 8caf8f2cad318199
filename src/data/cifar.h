// CIFAR-10 in its binary version: records of one label byte and 3072 pixel bytes, planes R, G, B of 32x32.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

// Appends the records in `bytes`; labels are skipped where `labels` is null. Throws bad_input on a partial
// record or a label above 9.
void parse_cifar(std::span<const uint8_t> bytes, const std::string& name, Images& images,
                 std::vector<int>* labels);

// One file, or the files of `split` in a folder: data_batch_*.bin (train) or test_batch.bin.
Images read_cifar(const std::filesystem::path& path, Split split, std::vector<int>* labels);

}  // namespace dsode::data
