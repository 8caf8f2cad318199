#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "adapt/selector.h"

namespace dsode::adapt {

namespace {

constexpr int kIterations = 25, kMaxImages = 4000;

// k-means in feature space, started from the mean feature of each predicted class. Cluster of each image.
std::vector<int> cluster(const eval::Outputs& target, const std::vector<int>& predicted, int n) {
  const torch::Tensor features = torch::nn::functional::normalize(
      torch::tensor(target.features).view({target.n, target.width}).narrow(0, 0, n));
  torch::Tensor assignment = torch::tensor(predicted).narrow(0, 0, n).to(torch::kInt64);
  for (int i = 0; i < kIterations; ++i) {
    const torch::Tensor hot = torch::one_hot(assignment, target.classes).to(torch::kFloat32);
    const torch::Tensor count = hot.sum(0);
    const torch::Tensor centroids = hot.t().mm(features) / count.clamp_min(1).unsqueeze(1);
    const torch::Tensor distance =
        torch::cdist(features, centroids).masked_fill(count.eq(0).unsqueeze(0), 1e9);
    const torch::Tensor next = distance.argmin(1);
    if (next.equal(assignment)) break;
    assignment = next;
  }
  const torch::Tensor ints = assignment.to(torch::kInt32).contiguous();
  return {ints.data_ptr<int>(), ints.data_ptr<int>() + n};
}

double entropy(const std::vector<double>& counts, double n) {
  double h = 0;
  for (double c : counts)
    if (c > 0) h -= c / n * std::log(c / n);
  return h;
}

// Mutual information that two random labelings with these class sizes have on average: the hypergeometric sum
// of Vinh, Epps, Bailey, JMLR 11 (2010), eq. 24a.
double expected_information(const std::vector<double>& a, const std::vector<double>& b, double n) {
  const auto lf = [](double x) { return std::lgamma(x + 1); };
  double sum = 0;
  for (double ai : a)
    for (double bj : b) {
      if (ai == 0 || bj == 0) continue;
      for (double nij = std::max(1.0, ai + bj - n); nij <= std::min(ai, bj); ++nij)
        sum += nij / n * std::log(n * nij / (ai * bj)) *
               std::exp(lf(ai) + lf(bj) + lf(n - ai) + lf(n - bj) - lf(n) - lf(nij) - lf(ai - nij) -
                        lf(bj - nij) - lf(n - ai - bj + nij));
    }
  return sum;
}

double adjusted_mutual_information(const std::vector<int>& x, const std::vector<int>& y, int classes) {
  const auto k = static_cast<size_t>(classes);
  const double n = static_cast<double>(x.size());
  std::vector<double> a(k), b(k), joint(k * k);
  for (size_t i = 0; i < x.size(); ++i) {
    ++a[static_cast<size_t>(x[i])];
    ++b[static_cast<size_t>(y[i])];
    ++joint[static_cast<size_t>(x[i]) * k + static_cast<size_t>(y[i])];
  }
  double information = 0;
  for (size_t i = 0; i < k * k; ++i)
    if (joint[i] > 0) information += joint[i] / n * std::log(n * joint[i] / (a[i / k] * b[i % k]));
  const double expected = expected_information(a, b, n), mean = (entropy(a, n) + entropy(b, n)) / 2;
  return std::abs(mean - expected) < 1e-12 ? 0 : (information - expected) / (mean - expected);
}

// Agreement of the predicted classes with the clusters of the features.
double class_ami(const Evidence& evidence) {
  const int n = std::min(evidence.target.n, kMaxImages);
  auto predicted = eval::predictions(evidence.target);
  const auto clusters = cluster(evidence.target, predicted, n);
  predicted.resize(static_cast<size_t>(n));
  return adjusted_mutual_information(predicted, clusters, evidence.target.classes);
}

const RegisterSelector kRegistration(
    {"class-ami",
     "adjusted mutual information of predictions and feature clusters (Musgrave et al., arXiv 2208.07360)",
     class_ami});

}  // namespace

}  // namespace dsode::adapt
