#include "adapt/alignment.h"

namespace dsode::adapt {

namespace {

torch::Tensor covariance(const torch::Tensor& x) {
  const torch::Tensor centred = x - x.mean(0, true);
  return centred.t().mm(centred) / static_cast<double>(std::max<int64_t>(x.size(0) - 1, 1));
}

// |C_s - C_t|_F^2 / (4 d^2), and the means' distance, which covariances alone do not see.
class Coral : public Alignment {
 public:
  explicit Coral(const Setting& setting) : Alignment(setting) {}

 protected:
  torch::Tensor penalty(const torch::Tensor& source, const torch::Tensor& target, double) override {
    const double d = static_cast<double>(source.size(1));
    return (covariance(source) - covariance(target)).square().sum() / (4 * d * d) +
           (source.mean(0) - target.mean(0)).square().mean();
  }
};

const RegisterMethod kRegistration(
    {.name = "coral",
     .paper = "correlation alignment of features (Sun, Saenko, arXiv 1607.01719)",
     .weight = 10,
     .needs_source = true,
     .make = [](const Setting& s) -> std::unique_ptr<Method> { return std::make_unique<Coral>(s); }});

}  // namespace

}  // namespace dsode::adapt
