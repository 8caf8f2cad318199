#include "adapt/alignment.h"

namespace dsode::adapt {

namespace {

// Squared maximum mean discrepancy under a sum of Gaussian kernels exp(-|x-y|^2 / (s m)), m the mean squared
// distance in the batch, s = 1/4, 1/2, 1, 2, 4.
class Mmd : public Alignment {
 public:
  explicit Mmd(const Setting& setting) : Alignment(setting) {}

 protected:
  torch::Tensor penalty(const torch::Tensor& source, const torch::Tensor& target, double) override {
    const int64_t n = source.size(0);
    const torch::Tensor all = torch::cat({source, target});
    const torch::Tensor norms = all.square().sum(1);
    const torch::Tensor distance =
        (norms.unsqueeze(0) + norms.unsqueeze(1) - 2 * all.mm(all.t())).clamp_min(0);
    const torch::Tensor scale = distance.detach().mean().clamp_min(1e-12);
    torch::Tensor kernel = torch::zeros_like(distance);
    for (double s : {0.25, 0.5, 1.0, 2.0, 4.0}) kernel = kernel + torch::exp(-distance / (s * scale));
    const auto block = [&](int64_t r, int64_t c, int64_t rows, int64_t cols) {
      return kernel.narrow(0, r, rows).narrow(1, c, cols).mean();
    };
    const int64_t m = target.size(0);
    return block(0, 0, n, n) + block(n, n, m, m) - 2 * block(0, n, n, m);
  }
};

const RegisterMethod kRegistration(
    {.name = "mmd",
     .paper = "multi-kernel MMD between features, DAN (Long et al., arXiv 1502.02791)",
     .weight = 1,
     .needs_source = true,
     .make = [](const Setting& s) -> std::unique_ptr<Method> { return std::make_unique<Mmd>(s); }});

}  // namespace

}  // namespace dsode::adapt
