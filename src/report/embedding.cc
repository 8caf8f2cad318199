#include "report/embedding.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace dsode::report {
namespace {

using Eigen::ArrayXf;
using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXf;

constexpr size_t kMaxTsnePoints = 1500;
constexpr int kPcaDims = 50;
constexpr int kExaggeratedIterations = 100;
constexpr float kExaggeration = 12;

MatrixXf squared_distances(const MatrixXf& points) {
  const VectorXf norms = points.rowwise().squaredNorm();
  MatrixXf d = -2 * points * points.transpose();
  d.colwise() += norms;
  d.rowwise() += norms.transpose();
  return d.cwiseMax(0);
}

// Probabilities p_{j|i} of one point from its squared distances, the Gaussian's precision found by bisection
// so that the entropy is `log_perplexity`.
ArrayXf neighbour_probabilities(const ArrayXf& distances, Index self, double log_perplexity) {
  // Relative to the nearest neighbour and to the mean, so that no exponential underflows at any scale of the
  // features.
  float nearest = HUGE_VALF;
  for (Index j = 0; j < distances.size(); ++j)
    if (j != self) nearest = std::min(nearest, distances[j]);
  ArrayXf offset = distances - nearest;
  offset[self] = 0;
  const float mean = offset.sum() / static_cast<float>(offset.size());
  if (mean > 0) offset /= mean;
  ArrayXf p;
  double beta = 1, lo = 0, hi = HUGE_VAL;
  for (int step = 0; step < 60; ++step) {
    p = (offset * static_cast<float>(-beta)).exp();
    p[self] = 0;
    const double sum = p.sum();
    const double entropy = std::log(sum) + beta * (p * offset).sum() / sum;
    p /= static_cast<float>(sum);
    if (std::abs(entropy - log_perplexity) < 1e-4) break;
    (entropy > log_perplexity ? lo : hi) = beta;
    beta = std::isinf(hi) ? 2 * beta : (lo + hi) / 2;
    if (beta > 1e12) break;  // ties at distance 0: no precision reaches the wanted entropy
  }
  return p;
}

// The joint probabilities p_ij = (p_{j|i} + p_{i|j}) / 2N.
MatrixXf joint_probabilities(const MatrixXf& points, double perplexity) {
  const Index n = points.rows();
  const MatrixXf distances = squared_distances(points);
  const double log_perplexity =
      std::log(std::clamp(perplexity, 1.0, std::max(1.0, static_cast<double>(n - 1) / 3)));
  MatrixXf p(n, n);
  for (Index i = 0; i < n; ++i) p.col(i) = neighbour_probabilities(distances.col(i), i, log_perplexity);
  return ((p + p.transpose()) / static_cast<float>(2 * n)).cwiseMax(1e-12F);
}

// dC/dy_i = 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)   (eq. 5 of the paper)
MatrixXf gradient(const MatrixXf& p, float exaggeration, const MatrixXf& y, MatrixXf& w) {
  w.noalias() = y * y.transpose();
  const VectorXf norms = w.diagonal();
  for (Index j = 0; j < w.cols(); ++j)
    w.col(j) = (1 + norms[j] + norms.array() - 2 * w.col(j).array()).max(1).inverse();
  w.diagonal().setZero();
  const float total = std::max(w.sum(), 1e-12F);
  w.array() *= exaggeration * p.array() - w.array() / total;
  const VectorXf sums = w.colwise().sum();  // w is symmetric
  return 4 * (sums.asDiagonal() * y - w * y);
}

// PCA's first two components at a spread of 1e-4, with noise a hundred times smaller to part equal points.
MatrixXf start(const MatrixXf& points, uint64_t seed) {
  MatrixXf y = MatrixXf::Zero(points.rows(), 2);
  const MatrixXf scores = pca(points, 2);
  y.leftCols(scores.cols()) = scores;
  const float spread = std::sqrt(y.col(0).squaredNorm() / static_cast<float>(y.rows()));
  if (spread > 0) y *= 1e-4F / spread;
  Rng rng(seed, Stream::kEmbedding);
  return y.unaryExpr([&](float v) { return v + static_cast<float>(1e-6 * rng.normal()); });
}

}  // namespace

MatrixXf pca(const MatrixXf& points, int dims) {
  const Index n = points.rows(), k = std::min<Index>({dims, n, points.cols()});
  if (k <= 0) return MatrixXf(n, 0);
  const MatrixXf centered = points.rowwise() - points.colwise().mean();
  MatrixXf scores(n, k);
  if (points.cols() <= n) {
    const MatrixXf covariance = centered.transpose() * centered;
    const Eigen::SelfAdjointEigenSolver<MatrixXf> solver(covariance);  // eigenvalues ascend
    scores = centered * solver.eigenvectors().rightCols(k).rowwise().reverse();
  } else {  // the Gram matrix is smaller and has the same non-zero eigenvalues
    const MatrixXf gram = centered * centered.transpose();
    const Eigen::SelfAdjointEigenSolver<MatrixXf> solver(gram);
    const VectorXf lengths = solver.eigenvalues().tail(k).reverse().cwiseMax(0).cwiseSqrt();
    scores = solver.eigenvectors().rightCols(k).rowwise().reverse() * lengths.asDiagonal();
  }
  for (Index j = 0; j < k; ++j) {
    Index largest = 0;
    scores.col(j).cwiseAbs().maxCoeff(&largest);
    if (scores(largest, j) < 0) scores.col(j) *= -1;
  }
  return scores;
}

MatrixXf tsne(const MatrixXf& points, const TsneOptions& options) {
  const Index n = points.rows();
  if (n < 3) return start(points, options.seed);
  const MatrixXf p = joint_probabilities(points, options.perplexity);
  // The learning rate of Belkina et al. 2019 (N / exaggeration), with the per-coordinate gains of the
  // original.
  const float rate = std::max(static_cast<float>(n) / kExaggeration, 50.0F);
  MatrixXf y = start(points, options.seed);
  MatrixXf velocity = MatrixXf::Zero(n, 2), gains = MatrixXf::Ones(n, 2), scratch(n, n);
  for (int step = 0; step < options.iterations; ++step) {
    const bool early = step < std::min(kExaggeratedIterations, options.iterations / 4);
    const MatrixXf g = gradient(p, early ? kExaggeration : 1, y, scratch);
    const auto turned = (g.array() * velocity.array() > 0).cast<float>();  // velocity points uphill: overshot
    gains =
        (turned * (gains.array() * 0.8F) + (1 - turned) * (gains.array() + 0.2F)).max(0.01F).matrix().eval();
    velocity = (early ? 0.5F : 0.8F) * velocity - rate * gains.cwiseProduct(g);
    y += velocity;
    y.rowwise() -= y.colwise().mean().eval();
  }
  return y;
}

Coordinates embed(std::span<const float> features, size_t dims, uint64_t seed) {
  DSODE_CHECK(dims > 0 && features.size() % dims == 0, "{} values, {} dimensions", features.size(), dims);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const size_t n = features.size() / dims;
  MatrixXf points =
      Eigen::Map<const RowMajor>(features.data(), static_cast<Index>(n), static_cast<Index>(dims));
  points = points.unaryExpr([](float v) { return std::abs(v) < 1e12F ? v : 0.0F; });
  if (n > 0 && points.cwiseAbs().maxCoeff() > 0) points /= points.cwiseAbs().maxCoeff();
  MatrixXf flat = MatrixXf::Zero(static_cast<Index>(n), 2);
  if (n > kMaxTsnePoints || n < 5) {
    const MatrixXf scores = pca(points, 2);
    flat.leftCols(scores.cols()) = scores;
  } else {
    flat = tsne(pca(points, kPcaDims), {.seed = seed});
  }
  Coordinates out;
  for (Index i = 0; i < flat.rows(); ++i) {
    out.x.push_back(flat(i, 0));
    out.y.push_back(flat(i, 1));
  }
  return out;
}

}  // namespace dsode::report
