#include <cmath>

#include "adapt/selector.h"

namespace dsode::adapt {

namespace {

// Mutual information of image and class: entropy of the mean prediction less the mean entropy, in nats.
double information_maximisation(const Evidence& evidence) {
  const auto& target = evidence.target;
  const auto p = eval::softmax(target);
  const auto plogp = [](double x) { return x > 0 ? x * std::log(x) : 0; };
  std::vector<double> mean(static_cast<size_t>(target.classes));
  double conditional = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    mean[i % mean.size()] += p[i] / target.n;
    conditional -= plogp(p[i]) / target.n;
  }
  double marginal = 0;
  for (double m : mean) marginal -= plogp(m);
  return marginal - conditional;
}

const RegisterSelector kRegistration({"im", "information maximisation (Krause et al., NIPS 2010)",
                                      information_maximisation});

}  // namespace

}  // namespace dsode::adapt
