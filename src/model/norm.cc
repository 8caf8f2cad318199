#include "model/norm.h"

#include "base/error.h"

namespace dsode::model {

namespace {

constexpr double kEpsilon = 1e-5;
constexpr int kMaxGroups = 8;

int largest_group_count(int channels) {
  int groups = std::min(kMaxGroups, channels);
  while (channels % groups != 0) --groups;
  return groups;
}

}  // namespace

NormImpl::NormImpl(const std::string& kind, int channels, int evaluations)
    : kind_(kind == "none" ? Kind::kNone : kind == "gn" ? Kind::kGroup : Kind::kBatch) {
  if (kind_ == Kind::kNone) return;
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
  if (kind_ == Kind::kGroup) {
    groups_ = largest_group_count(channels);
    return;
  }
  rows_ = kind == "bn-per-step" ? evaluations : 1;
  running_mean_ = register_buffer("running_mean", torch::zeros({rows_, channels}));
  running_var_ = register_buffer("running_var", torch::ones({rows_, channels}));
}

torch::Tensor NormImpl::forward(const torch::Tensor& x, int evaluation) {
  if (kind_ == Kind::kNone) return x;
  if (kind_ == Kind::kGroup) return torch::group_norm(x, groups_, weight_, bias_, kEpsilon);
  const int row = rows_ == 1 ? 0 : evaluation;
  DSODE_CHECK(row < rows_, "evaluation {} of {}", row, rows_);
  const bool batch = is_training() || statistics_ == Statistics::kBatch;
  torch::Tensor mean, var;
  if (!batch || (is_training() && update_)) {
    mean = running_mean_.select(0, row);
    var = running_var_.select(0, row);
  }
  return torch::batch_norm(x, weight_, bias_, mean, var, batch, momentum_, kEpsilon, false);
}

void NormImpl::reset_statistics() {
  if (!has_statistics()) return;
  torch::NoGradGuard no_grad;
  running_mean_.zero_();
  running_var_.fill_(1);
}

}  // namespace dsode::model
