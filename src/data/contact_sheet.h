// Pictures of pictures: PNG bytes of one image, and contact sheets of sets.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"

namespace dsode::data {

// `pixels` are of `shape`, grey or RGB. Throws failed where encoding fails.
std::vector<uint8_t> encode_png(Shape shape, std::span<const uint8_t> pixels);

struct SheetOptions {
  int rows = 10;     // of a plain grid; of a labelled set at most this many classes
  int columns = 12;  // images a row
  int side = 64;     // the smallest longer side, in pixels, that an image is shown with: smaller ones are
                     // enlarged by a whole factor, each pixel a square
};

// One row a class, its first images in the order of the set, with the class name beside it.
std::vector<uint8_t> contact_sheet_png(const LabelledSet& set, const SheetOptions& options = {});
// A plain grid of the first images.
std::vector<uint8_t> contact_sheet_png(const Images& images, const SheetOptions& options = {});

}  // namespace dsode::data
