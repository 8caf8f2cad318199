#include "data/subset.h"

#include <numeric>

namespace dsode::data {

LabelledSet subset(const LabelledSet& set, std::span<const int> indices) {
  LabelledSet part{set.name, subset(set.images, indices), {}, set.classes};
  for (int i : indices) part.labels.push_back(set.labels[static_cast<size_t>(i)]);
  return part;
}

Images subset(const Images& images, std::span<const int> indices) {
  Images part{static_cast<int>(indices.size()), images.shape, {}};
  part.pixels.reserve(indices.size() * images.shape.size());
  for (int i : indices) {
    const auto image = images[i];
    part.pixels.insert(part.pixels.end(), image.begin(), image.end());
  }
  return part;
}

Images head(const Images& images, int n) {
  std::vector<int> first(static_cast<size_t>(std::min(n, images.n)));
  std::iota(first.begin(), first.end(), 0);
  return subset(images, first);
}

}  // namespace dsode::data
