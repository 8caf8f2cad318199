#include "kernels/norm_relu/norm_relu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

namespace dsode::kernels {
namespace {

constexpr double kEpsilon = 1e-5;

// One problem, its fused results and those of plain scalar loops in double.
struct Problem {
  Problem(Map map, double mean, double deviation = 1) : map(map) {
    std::mt19937 rng(static_cast<unsigned>(map.pixels * 1000 + map.channels));
    std::normal_distribution<double> normal;
    const auto draw = [&](int64_t n, double shift, double spread) {
      std::vector<float> values(static_cast<size_t>(n));
      for (float& v : values) v = static_cast<float>(shift + spread * normal(rng));
      return values;
    };
    x = draw(map.pixels * map.channels, mean, deviation);
    gy = draw(map.pixels * map.channels, 0, 1);
    weight = draw(map.channels, 1, 0.3);
    bias = draw(map.channels, 0, 0.3);
  }

  size_t channels() const { return static_cast<size_t>(map.channels); }
  double pixels() const { return static_cast<double>(map.pixels); }

  Map map;
  std::vector<float> x, gy, weight, bias;
};

struct Result {
  std::vector<double> mean, variance, y, g_weight, g_bias, gx;
};

// The definition, loop by loop; `x` in double so that finite differences can step it.
Result reference(const Problem& p, const std::vector<double>& x) {
  const size_t channels = p.channels(), n = x.size();
  Result r{std::vector<double>(channels), std::vector<double>(channels), std::vector<double>(n),
           std::vector<double>(channels), std::vector<double>(channels), std::vector<double>(n)};
  for (size_t i = 0; i < n; ++i) r.mean[i % channels] += x[i] / p.pixels();
  for (size_t i = 0; i < n; ++i)
    r.variance[i % channels] += std::pow(x[i] - r.mean[i % channels], 2) / p.pixels();
  std::vector<double> normal(n), g(n);
  for (size_t i = 0, c = 0; i < n; ++i, c = i % channels) {
    normal[i] = (x[i] - r.mean[c]) / std::sqrt(r.variance[c] + kEpsilon);
    r.y[i] = std::max(0.0, normal[i] * p.weight[c] + p.bias[c]);
    g[i] = r.y[i] > 0 ? p.gy[i] : 0;
    r.g_bias[c] += g[i];
    r.g_weight[c] += g[i] * normal[i];
  }
  for (size_t i = 0, c = 0; i < n; ++i, c = i % channels)
    r.gx[i] = p.weight[c] / std::sqrt(r.variance[c] + kEpsilon) *
              (g[i] - r.g_bias[c] / p.pixels() - normal[i] * r.g_weight[c] / p.pixels());
  return r;
}

Result reference(const Problem& p) { return reference(p, {p.x.begin(), p.x.end()}); }

Result fused(const Problem& p, const Parallel& parallel = serial) {
  const Statistics s = norm_relu_statistics(p.x.data(), p.map, parallel);
  std::vector<float> mean(s.mean.begin(), s.mean.end()), inv_std, scale, y(p.x.size()), gx(p.x.size());
  for (size_t c = 0; c < p.channels(); ++c) {
    inv_std.push_back(static_cast<float>(1 / std::sqrt(s.variance[c] + kEpsilon)));
    scale.push_back(p.weight[c] * inv_std[c]);
  }
  const NormRelu op{mean.data(), scale.data(), p.bias.data()};
  norm_relu_forward(p.x.data(), op, y.data(), p.map, parallel);
  const GradientSums sums = norm_relu_backward_reduce(p.x.data(), p.gy.data(), op, p.map, parallel);
  norm_relu_backward_apply(p.x.data(), p.gy.data(), op, inv_std.data(), sums, gx.data(), p.map, parallel);
  Result r{s.mean, s.variance, {y.begin(), y.end()}, sums.gx, sums.g, {gx.begin(), gx.end()}};
  for (size_t c = 0; c < p.channels(); ++c) r.g_weight[c] *= inv_std[c];
  return r;
}

// |a - b| / max(|b|, floor) in the Euclidean norm.
double distance(const std::vector<double>& a, const std::vector<double>& b, double floor = 1e-3) {
  double error = 0, size = 0;
  for (size_t i = 0; i < b.size(); ++i) error += std::pow(a[i] - b[i], 2), size += b[i] * b[i];
  return std::sqrt(error) / std::max(std::sqrt(size), floor);
}

// Norm of scale * gy: the terms of gx, which cancel where pixels are few.
double term_size(const Problem& p, const Result& r) {
  double sum = 0;
  for (size_t i = 0, c = 0; i < p.gy.size(); ++i, c = i % p.channels())
    sum += std::pow(p.weight[c] * p.gy[i], 2) / (r.variance[c] + kEpsilon);
  return std::sqrt(sum);
}

class Shapes : public testing::TestWithParam<std::pair<int, int>> {
 protected:
  Map map() const { return {GetParam().first, GetParam().second}; }
};

TEST_P(Shapes, AgreeWithTheScalarReference) {
  const Problem p(map(), 0.5);
  const Result ours = fused(p), expected = reference(p);
  EXPECT_LT(distance(ours.mean, expected.mean), 1e-6);
  EXPECT_LT(distance(ours.variance, expected.variance), 1e-6);
  EXPECT_LT(distance(ours.y, expected.y), 1e-5);
  EXPECT_LT(distance(ours.g_bias, expected.g_bias), 1e-5);
  EXPECT_LT(distance(ours.g_weight, expected.g_weight), 1e-5);
  EXPECT_LT(distance(ours.gx, expected.gx, term_size(p, expected)), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(PixelsAndChannels, Shapes,
                         testing::Values(std::pair{2, 1}, std::pair{1, 5}, std::pair{1, 16}, std::pair{2, 16},
                                         std::pair{3, 3}, std::pair{17, 16}, std::pair{1025, 16},
                                         std::pair{40000, 1}, std::pair{5503, 3}, std::pair{5000, 7},
                                         std::pair{3136, 64}, std::pair{131, 255}, std::pair{130, 257},
                                         std::pair{70, 1000}));

TEST(NormRelu, VarianceIsAccurateFarFromZero) {
  const Problem p({20000, 16}, 1e4);
  const Result ours = fused(p), expected = reference(p);
  EXPECT_LT(distance(ours.mean, expected.mean), 1e-9);
  EXPECT_LT(distance(ours.variance, expected.variance), 1e-5);
}

TEST(NormRelu, VarianceSurvivesAnOutlyingFirstPixel) {
  Problem p({20000, 16}, 1, 1e-2);
  std::fill_n(p.x.begin(), 16, -100.0F);
  EXPECT_LT(distance(fused(p).variance, reference(p).variance), 1e-5);
}

TEST(NormRelu, ConstantMapHasNoVariance) {
  Problem p({5000, 3}, 0);
  std::fill(p.x.begin(), p.x.end(), 0.1F);
  for (double v : fused(p).variance) EXPECT_LT(std::abs(v), 1e-15);
}

TEST(NormRelu, GradientFollowsFiniteDifferences) {
  const Problem p({301, 5}, 0.5);
  const Result ours = fused(p);
  std::vector<double> x(p.x.begin(), p.x.end());
  const auto loss = [&] {
    const Result r = reference(p, x);
    double sum = 0;
    for (size_t i = 0; i < r.y.size(); ++i) sum += r.y[i] * p.gy[i];
    return sum;
  };
  constexpr double kStep = 1e-6;
  for (size_t i = 0; i < x.size(); i += 97) {
    const double at = x[i];
    x[i] = at + kStep;
    const double up = loss();
    x[i] = at - kStep;
    const double down = loss();
    x[i] = at;
    EXPECT_NEAR((up - down) / (2 * kStep), ours.gx[i], 1e-5) << i;
  }
}

TEST(NormRelu, ResultDoesNotDependOnTheThreads) {
  const Problem p({6001, 16}, 0.5);
  const auto backwards_on_threads = [](int64_t chunks, const std::function<void(int64_t)>& body) {
    std::vector<std::jthread> threads;
    for (int64_t chunk = chunks; chunk-- > 0;) threads.emplace_back([&body, chunk] { body(chunk); });
  };
  const Result one = fused(p), many = fused(p, backwards_on_threads);
  EXPECT_EQ(one.mean, many.mean);
  EXPECT_EQ(one.variance, many.variance);
  EXPECT_EQ(one.y, many.y);
  EXPECT_EQ(one.g_weight, many.g_weight);
  EXPECT_EQ(one.g_bias, many.g_bias);
  EXPECT_EQ(one.gx, many.gx);
}

TEST(NormRelu, ForwardPassesNanThrough) {
  const float x[] = {-1, 2, std::nanf(""), 4}, mean[] = {0, 1}, scale[] = {1, 2}, bias[] = {0, 0.5F};
  float y[4];
  norm_relu_forward(x, {mean, scale, bias}, y, {2, 2});
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 2.5F);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], 6.5F);
}

}  // namespace
}  // namespace dsode::kernels
