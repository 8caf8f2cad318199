// Parts of a set.
#pragma once

#include <span>

#include "data/dataset.h"

namespace dsode::data {

// The images at `indices`, in that order.
LabelledSet subset(const LabelledSet& set, std::span<const int> indices);
Images subset(const Images& images, std::span<const int> indices);

// `count` positions of [0, n), drawn by (seed, epoch); all of them where count is 0 or not below n.
std::vector<int> draw(int n, int count, uint64_t seed, uint64_t epoch);

// The first `n` images, or all where there are fewer.
Images head(const Images& images, int n);

}  // namespace dsode::data
