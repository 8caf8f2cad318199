#include "data/subset.h"

#include <numeric>

#include "base/rng.h"

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

std::vector<int> draw(int n, int count, uint64_t seed, uint64_t epoch) {
  std::vector<int> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  if (count == 0 || count >= n) return all;
  Rng rng(seed, Stream::kSample, epoch);
  rng.shuffle<int>(all);
  all.resize(static_cast<size_t>(count));
  return all;
}

Images head(const Images& images, int n) {
  std::vector<int> first(static_cast<size_t>(std::min(n, images.n)));
  std::iota(first.begin(), first.end(), 0);
  return subset(images, first);
}

}  // namespace dsode::data
