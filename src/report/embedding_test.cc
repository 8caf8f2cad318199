#include "report/embedding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace dsode::report {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;

MatrixXf noise(Index rows, Index columns, float scale) {
  Rng rng(3, Stream::kSample);
  MatrixXf out(rows, columns);
  for (float& v : out.reshaped()) v = scale * static_cast<float>(rng.normal());
  return out;
}

// Two blobs in `dims` dimensions; the even rows lie 10 further along the first axis.
MatrixXf blobs(Index n, Index dims) {
  MatrixXf points = noise(n, dims, 1);
  for (Index i = 0; i < n; i += 2) points(i, 0) += 10;
  return points;
}

// The share of points whose nearest neighbour belongs to the same blob.
double purity(const MatrixXf& flat) {
  int same = 0;
  for (Index i = 0; i < flat.rows(); ++i) {
    Eigen::VectorXf distance = (flat.rowwise() - flat.row(i)).rowwise().squaredNorm();
    distance[i] = HUGE_VALF;
    Index nearest = 0;
    distance.minCoeff(&nearest);
    same += nearest % 2 == i % 2;
  }
  return static_cast<double>(same) / static_cast<double>(flat.rows());
}

double correlation(const Eigen::VectorXf& a, const Eigen::VectorXf& b) {
  const Eigen::VectorXf x = a.array() - a.mean(), y = b.array() - b.mean();
  return std::abs(x.dot(y)) / (x.norm() * y.norm());
}

TEST(Pca, FindsTheDirectionOfLargestVariance) {
  for (const Index dims : {5, 300}) {  // by covariance, and by the Gram matrix where dims > points
    MatrixXf points = noise(100, dims, 0.1F);
    Eigen::VectorXf direction = Eigen::VectorXf::Ones(dims).normalized();
    const Eigen::VectorXf along = noise(100, 1, 10).col(0);
    points += along * direction.transpose();
    const MatrixXf scores = pca(points, 2);
    EXPECT_GT(correlation(scores.col(0), along), 0.999) << dims;
    EXPECT_GT(scores.col(0).norm(), 10 * scores.col(1).norm()) << dims;
    EXPECT_NEAR(scores.col(0).norm(), Eigen::VectorXf(along.array() - along.mean()).norm(), 1) << dims;
  }
}

TEST(Pca, NeverGivesMoreComponentsThanThereAre) {
  EXPECT_EQ(pca(MatrixXf::Ones(1, 9), 2).cols(), 1);
  EXPECT_EQ(pca(MatrixXf(0, 9), 2).cols(), 0);
  EXPECT_TRUE(pca(MatrixXf::Ones(8, 3), 2).isZero(1e-5F));
}

TEST(Tsne, KeepsTwoBlobsApart) {
  const MatrixXf flat = tsne(blobs(120, 20), {.seed = 1});
  EXPECT_EQ(purity(flat), 1);
  Eigen::RowVector2f even = Eigen::RowVector2f::Zero(), odd = even;
  for (Index i = 0; i < 120; ++i) (i % 2 == 0 ? even : odd) += flat.row(i) / 60;
  float radius = 0;
  for (Index i = 0; i < 120; i += 2) radius += (flat.row(i) - even).norm() / 60;
  EXPECT_GT((even - odd).norm(), 2 * radius);
}

TEST(Tsne, DoesNotDependOnTheScaleOfTheFeatures) {
  EXPECT_EQ(purity(tsne(blobs(60, 8) * 1e-4F, {})), 1);
  EXPECT_EQ(purity(tsne(blobs(60, 8) * 1e4F, {})), 1);
}

TEST(Tsne, GivesTheSameNumbersForTheSameSeed) {
  const MatrixXf points = blobs(40, 6);
  EXPECT_EQ(tsne(points, {.seed = 5}), tsne(points, {.seed = 5}));
  EXPECT_NE(tsne(points, {.seed = 5}), tsne(points, {.seed = 6}));
}

TEST(Embed, StandsDegenerateFeatures) {
  EXPECT_TRUE(embed({}, 4, 0).x.empty());
  for (const size_t n : {1U, 2U, 4U, 5U, 12U}) {
    for (const float value : {0.0F, 3.0F, NAN, INFINITY}) {
      const Coordinates flat = embed(std::vector<float>(n * 4, value), 4, 0);
      ASSERT_EQ(flat.x.size(), n);
      for (size_t i = 0; i < n; ++i)
        EXPECT_TRUE(std::isfinite(flat.x[i]) && std::isfinite(flat.y[i])) << n << ' ' << value;
    }
  }
}

TEST(Embed, FallsBackToPcaForManyPoints) {
  MatrixXf points = blobs(1600, 3);
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = points;
  const Coordinates flat = embed({rows.data(), static_cast<size_t>(rows.size())}, 3, 0);
  ASSERT_EQ(flat.x.size(), 1600U);
  const Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(flat.x.data(), 1600);
  EXPECT_GT(correlation(x.cast<float>(), points.col(0)), 0.95);
}

}  // namespace
}  // namespace dsode::report
