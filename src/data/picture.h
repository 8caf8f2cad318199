// One PNG or JPEG picture. Its structure is checked before a decoder sees it, so that a truncated or damaged
// file is an error and not a half-grey picture, and a huge one is refused before memory is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "data/dataset.h"

namespace dsode::data {

// By the ending of its name: .png, .jpg, .jpeg.
bool is_picture(const std::filesystem::path& path);

// One image, grey (C = 1) or RGB (C = 3), 8 bits, turned upright by its EXIF orientation. Throws bad_input
// naming `name` and the offset of the damage.
Images decode_picture(std::span<const uint8_t> bytes, const std::string& name);

}  // namespace dsode::data
