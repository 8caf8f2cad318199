// Two-dimensional pictures of feature vectors: PCA and exact t-SNE.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

namespace dsode::report {

// Scores [N,k] of the points [N,D] on their k = min(dims, N, D) principal components, largest variance first.
// Signs are fixed (the score of largest magnitude is positive), so that equal input gives equal output.
Eigen::MatrixXf pca(const Eigen::MatrixXf& points, int dims);

struct TsneOptions {
  double perplexity = 30;  // lowered to (N - 1) / 3 for few points
  int iterations = 400;
  uint64_t seed = 0;
};

// Exact t-SNE (van der Maaten and Hinton 2008) of points [N,D] to [N,2], started from PCA. Time and memory
// grow as N^2: about 2 s for 1,000 points.
Eigen::MatrixXf tsne(const Eigen::MatrixXf& points, const TsneOptions& options);

struct Coordinates {
  std::vector<double> x, y;  // [N]
};

// Coordinates for a scatter plot of `features`, [N,D] row-major with D = `dims`: PCA to 50 dimensions, then
// t-SNE; PCA alone for more than 1,500 points. Embed source and target points together, so that they share
// one space. Values that are not finite count as 0.
Coordinates embed(std::span<const float> features, size_t dims, uint64_t seed);

}  // namespace dsode::report
