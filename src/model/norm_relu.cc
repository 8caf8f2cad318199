#include "model/norm_relu.h"

#include "base/error.h"
#include "ir/spec.h"
#include "kernels/cpu.h"
#include "kernels/head/head.h"
#include "model/threads.h"

namespace dsode::model {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kEpsilon = ir::kNormEpsilon;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

kernels::Map map_of(const Tensor& x) { return {x.size(0) * x.size(2) * x.size(3), x.size(1)}; }

// [C] of a kernel's sums, as floats.
Tensor channel_tensor(const std::vector<double>& values) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat32);
}

// What the kernel reads; it keeps the tensors it points into.
struct Operands {
  Operands(const Tensor& mean, const Tensor& inv_std, const Tensor& weight, const Tensor& bias)
      : mean(mean.detach().contiguous()),
        scale((weight.detach() * inv_std).contiguous()),
        bias(bias.detach().contiguous()) {}
  operator kernels::NormRelu() const {
    return {mean.data_ptr<float>(), scale.data_ptr<float>(), bias.data_ptr<float>()};
  }
  Tensor mean, scale, bias;
};

Tensor norm_relu(const Tensor& x, const Operands& operands) {
  Tensor y = torch::empty(x.sizes(), x.options(), kChannelsLast);
  kernels::norm_relu_forward(x.data_ptr<float>(), operands, y.data_ptr<float>(), map_of(x), parallel);
  return y;
}

// ReLU(batch norm) where mean and inv_std are those of x itself, so that its gradient goes through them too.
struct BatchNormRelu : torch::autograd::Function<BatchNormRelu> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Tensor& mean, const Tensor& inv_std) {
    ctx->save_for_backward({x, weight, bias, mean, inv_std});
    return norm_relu(x, {mean, inv_std, weight, bias});
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor x = saved[0].detach(), inv_std = saved[4].detach();
    const Operands operands(saved[3], inv_std, saved[1], saved[2]);
    const Tensor gy = grads[0].detach().contiguous(kChannelsLast);
    const kernels::Map map = map_of(x);
    const auto sums = kernels::norm_relu_backward_reduce(x.data_ptr<float>(), gy.data_ptr<float>(), operands,
                                                         map, parallel);
    Tensor gx = torch::empty(x.sizes(), x.options(), kChannelsLast);
    kernels::norm_relu_backward_apply(x.data_ptr<float>(), gy.data_ptr<float>(), operands,
                                      inv_std.data_ptr<float>(), sums, gx.data_ptr<float>(), map, parallel);
    return {gx, channel_tensor(sums.gx) * inv_std, channel_tensor(sums.g), Tensor(), Tensor()};
  }
};

// The same, then the mean over the pixels: [N,C].
struct BatchNormReluMean : torch::autograd::Function<BatchNormReluMean> {
  // Calls body(kernel, op, i) for each image i.
  template <class Body>
  static void each_image(const Tensor& x, const Operands& operands, const Body& body) {
    const Tensor shift = operands.bias - operands.mean * operands.scale;
    const kernels::Head op{.pixels = static_cast<int>(x.size(2) * x.size(3)),
                           .channels = static_cast<int>(x.size(1)),
                           .scale = operands.scale.data_ptr<float>(),
                           .shift = shift.data_ptr<float>()};
    const auto& kernel = kernels::head_kernels().front();
    parallel(x.size(0), [&](int64_t i) { body(kernel, op, i); });
  }
  static float* row(const Tensor& maps, int64_t i) {
    return maps.data_ptr<float>() + i * (maps.numel() / maps.size(0));
  }

  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Tensor& mean, const Tensor& inv_std) {
    ctx->save_for_backward({x, weight, bias, mean, inv_std});
    Tensor features = torch::empty({x.size(0), x.size(1)}, x.options());
    each_image(x, {mean, inv_std, weight, bias}, [&](const auto& kernel, const auto& op, int64_t i) {
      kernel.run(op, row(x, i), row(features, i), nullptr);
    });
    return features;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor x = saved[0].detach(), inv_std = saved[4].detach(), g = grads[0].detach().contiguous();
    const Operands operands(saved[3], inv_std, saved[1], saved[2]);
    const Tensor image_g = torch::zeros_like(g), image_gx = torch::zeros_like(g);
    each_image(x, operands, [&](const auto& kernel, const auto& op, int64_t i) {
      kernel.sums(op, row(x, i), row(g, i), operands.mean.template data_ptr<float>(), row(image_g, i),
                  row(image_gx, i));
    });
    const Tensor sum_g = image_g.sum(0, false, torch::kFloat64),
                 sum_gx = image_gx.sum(0, false, torch::kFloat64);
    const Tensor share = operands.scale.to(torch::kFloat64) / (-x.numel() / x.size(1));
    const Tensor offset = (share * sum_g).to(torch::kFloat32),
                 slope = (share * sum_gx * inv_std.square()).to(torch::kFloat32);
    const kernels::HeadNorm norm{operands.scale.data_ptr<float>(), offset.data_ptr<float>(),
                                 slope.data_ptr<float>(), operands.mean.data_ptr<float>()};
    Tensor gx = torch::empty(x.sizes(), x.options(), kChannelsLast);
    each_image(x, operands, [&](const auto& kernel, const auto& op, int64_t i) {
      kernel.gradient(op, row(x, i), row(g, i), norm, row(gx, i));
    });
    return {gx, (sum_gx * inv_std).to(torch::kFloat32), sum_g.to(torch::kFloat32), Tensor(), Tensor()};
  }
};

// running += momentum (batch - running), the variance unbiased, as libtorch does.
void update_running(Tensor running_mean, Tensor running_var, const kernels::Statistics& batch, int64_t pixels,
                    double momentum) {
  const double unbiased = static_cast<double>(pixels) / static_cast<double>(pixels - 1);
  float* mean = running_mean.data_ptr<float>();
  float* var = running_var.data_ptr<float>();
  for (size_t c = 0; c < batch.mean.size(); ++c) {
    mean[c] += static_cast<float>(momentum * (batch.mean[c] - mean[c]));
    var[c] += static_cast<float>(momentum * (batch.variance[c] * unbiased - var[c]));
  }
}

// Of all images, each of as many pixels.
kernels::Statistics pool(const std::vector<kernels::Statistics>& images) {
  const double share = 1.0 / static_cast<double>(images.size());
  kernels::Statistics all{std::vector<double>(images[0].mean.size()),
                          std::vector<double>(images[0].mean.size())};
  for (const auto& image : images)
    for (size_t c = 0; c < all.mean.size(); ++c) all.mean[c] += share * image.mean[c];
  for (const auto& image : images)
    for (size_t c = 0; c < all.mean.size(); ++c) {
      const double off = image.mean[c] - all.mean[c];
      all.variance[c] += share * (image.variance[c] + off * off);
    }
  return all;
}

}  // namespace

NormReluImpl::NormReluImpl(const std::string& kind, int channels, int evaluations)
    : kind_(kind == "none" ? Kind::kNone
            : kind == "gn" ? Kind::kGroup
                           : Kind::kBatch),
      channels_(channels) {
  if (kind_ == Kind::kNone) return;
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
  if (kind_ == Kind::kGroup) {
    groups_ = ir::norm_groups(channels);
    return;
  }
  rows_ = kind == "bn-per-step" ? evaluations : 1;
  running_mean_ = register_buffer("running_mean", torch::zeros({rows_, channels}));
  running_var_ = register_buffer("running_var", torch::ones({rows_, channels}));
}

template <class Function>
Tensor NormReluImpl::fused_over_batch(const Tensor& x, int row) {
  const kernels::Map map = map_of(x);
  const auto statistics = kernels::norm_relu_statistics(x.data_ptr<float>(), map, parallel);
  if (is_training() && update_)
    update_running(running_mean_.select(0, row), running_var_.select(0, row), statistics, map.pixels,
                   momentum_);
  std::vector<double> inv_std;
  for (double variance : statistics.variance) inv_std.push_back(1 / std::sqrt(variance + kEpsilon));
  return Function::apply(x, weight_, bias_, channel_tensor(statistics.mean), channel_tensor(inv_std));
}

Tensor NormReluImpl::mean(const Tensor& x) {
  if (uses_batch() && fused(x, true) && x.size(1) % kernels::kChannels == 0)
    return fused_over_batch<BatchNormReluMean>(x, 0);
  return forward(x).mean({2, 3});
}

Tensor NormReluImpl::forward(const Tensor& x, int evaluation) {
  if (kind_ == Kind::kNone) return torch::relu(x);
  if (kind_ == Kind::kGroup) return torch::relu(torch::group_norm(x, groups_, weight_, bias_, kEpsilon));
  const int row = rows_ == 1 ? 0 : evaluation;
  DSODE_CHECK(row < rows_, "evaluation {} of {}", row, rows_);
  return batch_norm(x, row);
}

Tensor NormReluImpl::batch_norm(const Tensor& x, int row) {
  const bool batch = uses_batch();
  if (fused(x, batch)) {
    if (batch) return fused_over_batch<BatchNormRelu>(x, row);
    const Tensor inv_std = (running_var_.select(0, row) + kEpsilon).rsqrt();
    return norm_relu(x, {running_mean_.select(0, row), inv_std, weight_, bias_});
  }
  Tensor mean, var;
  if (!batch || (is_training() && update_)) {
    mean = running_mean_.select(0, row);
    var = running_var_.select(0, row);
  }
  return torch::relu(torch::batch_norm(x, weight_, bias_, mean, var, batch, momentum_, kEpsilon, false));
}

// The gradient through given statistics is left to libtorch: only adaptation in evaluation mode asks for it.
bool NormReluImpl::fused(const Tensor& x, bool batch) const {
  const auto plain = [](const Tensor& t) { return t.is_cpu() && t.scalar_type() == torch::kFloat32; };
  return kernels_ && plain(x) && plain(weight_) && plain(running_mean_) && x.dim() == 4 && x.numel() > 0 &&
         x.is_contiguous(kChannelsLast) && (batch || !torch::GradMode::is_enabled());
}

bool NormReluImpl::uses_batch() const {
  return kind_ == Kind::kBatch && (is_training() || statistics_ == Statistics::kBatch);
}

NormTerms NormReluImpl::terms(const std::vector<kernels::Statistics>* images, int64_t pixels,
                              int evaluation) {
  const auto channels = static_cast<size_t>(channels_);
  NormTerms terms{std::vector<float>(channels), std::vector<float>(channels, 1),
                  std::vector<float>(channels, 1), std::vector<float>(channels), images != nullptr};
  if (kind_ == Kind::kNone) return terms;
  const int row = rows_ == 1 ? 0 : evaluation;
  const Tensor running_mean = running_mean_.select(0, row), running_var = running_var_.select(0, row);
  const float *means = running_mean.data_ptr<float>(), *variances = running_var.data_ptr<float>();
  kernels::Statistics statistics{{means, means + channels}, {variances, variances + channels}};
  if (images) {
    statistics = pool(*images);
    if (is_training() && update_)
      update_running(running_mean, running_var, statistics, pixels * static_cast<int64_t>(images->size()),
                     momentum_);
  }
  const float *weight = weight_.data_ptr<float>(), *bias = bias_.data_ptr<float>();
  for (size_t c = 0; c < channels; ++c) {
    const double inv_std = 1 / std::sqrt(statistics.variance[c] + kEpsilon), scale = weight[c] * inv_std;
    terms.mean[c] = static_cast<float>(statistics.mean[c]);
    terms.inv_std[c] = static_cast<float>(inv_std);
    terms.scale[c] = static_cast<float>(scale);
    terms.shift[c] = static_cast<float>(bias[c] - statistics.mean[c] * scale);
  }
  return terms;
}

void NormReluImpl::reset_statistics() {
  if (!has_statistics()) return;
  torch::NoGradGuard no_grad;
  running_mean_.zero_();
  running_var_.fill_(1);
}

}  // namespace dsode::model
