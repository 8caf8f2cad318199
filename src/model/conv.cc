#include "model/conv.h"

#include <cmath>

#include "base/error.h"
#include "base/names.h"
#include "model/kernel_conv.h"

namespace dsode::model {

namespace {

// He et al., arXiv 1502.01852: std = sqrt(2 / fan_in).
torch::Tensor he_normal(at::IntArrayRef shape, double fan_in) {
  return torch::randn(shape) * std::sqrt(2 / fan_in);
}

}  // namespace

Kernels parse_kernels(const std::string& name) {
  if (name == "on") return Kernels::kOn;
  if (name == "bf16") return Kernels::kBf16;
  if (name == "off") return Kernels::kOff;
  throw bad_input(fmt::format("kernels: unknown value '{}'", name), unknown_name_hint(name, kKernels));
}

Conv3x3Impl::Conv3x3Impl(const Conv3x3Options& options) : options_(options) {
  const int inputs = options.in + (options.time ? 1 : 0);
  if (options.separable) {
    // No ReLU stands between the two, so the depthwise half keeps the variance: fan_in 9 without the
    // factor 2.
    depthwise_ = register_parameter("depthwise", he_normal({inputs, 1, 3, 3}, 18));
    pointwise_ = register_parameter("pointwise", he_normal({options.out, inputs, 1, 1}, inputs));
  } else {
    weight_ = register_parameter("weight", he_normal({options.out, inputs, 3, 3}, 9.0 * inputs));
  }
  if (options.bias) bias_ = register_parameter("bias", torch::zeros({options.out}));
}

torch::Tensor Conv3x3Impl::time_bias(int64_t h, int64_t w) {
  const int64_t in = options_.in, stride = options_.stride;
  const auto ones = torch::ones({1, 1, h, w}, (options_.separable ? depthwise_ : weight_).options());
  if (!options_.separable) return torch::conv2d(ones, weight_.narrow(1, in, 1), {}, stride, 1);
  return torch::conv2d(torch::conv2d(ones, depthwise_.narrow(0, in, 1), {}, stride, 1),
                       pointwise_.narrow(1, in, 1));
}

torch::Tensor Conv3x3Impl::forward(const torch::Tensor& x, double t) {
  const int64_t in = options_.in, stride = options_.stride;
  torch::Tensor y;
  if (options_.separable) {
    const auto dw = options_.time ? depthwise_.narrow(0, 0, in) : depthwise_;
    const auto pw = options_.time ? pointwise_.narrow(1, 0, in) : pointwise_;
    y = kernels_ != Kernels::kOff && covers_separable(x, pw)
            ? separable_conv(x, dw, pw, bias_, stride, precision_of(kernels_))
            : torch::conv2d(torch::conv2d(x, dw, {}, stride, 1, 1, in), pw, bias_);
  } else {
    y = torch::conv2d(x, options_.time ? weight_.narrow(1, 0, in) : weight_, bias_, stride, 1);
  }
  if (options_.time && t != 0) y = y + t * time_bias(x.size(2), x.size(3));
  return y;
}

torch::Tensor StemConvImpl::forward(const torch::Tensor& x) {
  if (kernels_ == Kernels::kOff || !covers_dense(x, weight)) return Conv2dImpl::forward(x);
  return dense_conv(x, weight, bias, options.stride()->at(0));
}

}  // namespace dsode::model
