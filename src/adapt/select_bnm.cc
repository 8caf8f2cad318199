#include <torch/torch.h>

#include "adapt/selector.h"

namespace dsode::adapt {

namespace {

// Nuclear norm of the prediction matrix P [N,K] over its bound sqrt(N min(N,K)): large where predictions are
// confident and use all classes. Singular values are the roots of the eigenvalues of P'P.
double bnm(const Evidence& evidence) {
  const auto& target = evidence.target;
  const torch::Tensor p =
      torch::tensor(eval::softmax(target)).view({target.n, target.classes}).to(torch::kDouble);
  const torch::Tensor eigenvalues = torch::linalg_eigvalsh(p.t().mm(p)).clamp_min(0);
  return eigenvalues.sqrt().sum().item<double>() /
         std::sqrt(static_cast<double>(target.n) * std::min(target.n, target.classes));
}

const RegisterSelector kRegistration({"bnm", "batch nuclear norm (Cui et al., arXiv 2003.12237)", bnm});

}  // namespace

}  // namespace dsode::adapt
