// 3x3 convolution, dense or depthwise separable, with time as a border-aware bias.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "kernels/cpu.h"

namespace dsode::model {

// `on`: this project's kernels run what they cover of a network, libtorch the rest; `bf16`: so too, the
// operands of pointwise products rounded to bfloat16, forward and backward; `off`: libtorch runs all of it.
enum class Kernels { kOn, kBf16, kOff };
inline const std::vector<std::string> kKernels{"on", "bf16", "off"};
Kernels parse_kernels(const std::string& name);
inline kernels::Precision precision_of(Kernels kernels) {
  return kernels == Kernels::kBf16 ? kernels::Precision::kBf16 : kernels::Precision::kFp32;
}

struct Conv3x3Options {
  int in = 0, out = 0;
  int stride = 1;
  bool separable = false;  // dw3x3 then pw1x1, nothing between (Howard et al., arXiv 1704.04861)
  bool bias = false;
  bool time = false;  // t is concatenated as channel `in`
};

// Concatenating a constant channel t in front of a zero-padded convolution adds t * B[o,y,x], where B is the
// time channel's weights applied to a map of ones: one of 9 values a channel, by which taps the border cuts
// off. So t costs a bias, and `in` channels stay `in`.
class Conv3x3Impl : public torch::nn::Module {
 public:
  explicit Conv3x3Impl(const Conv3x3Options& options);
  // x [N,in,H,W] -> [N,out,ceil(H/stride),ceil(W/stride)].
  torch::Tensor forward(const torch::Tensor& x, double t = 0);
  void set_kernels(Kernels kernels) { kernels_ = kernels; }

  // For kernels: the parameters, undefined where there are none, and what t = 1 adds, [1,out,h,w].
  const torch::Tensor& depthwise() const { return depthwise_; }
  const torch::Tensor& pointwise() const { return pointwise_; }
  const torch::Tensor& bias() const { return bias_; }
  bool timed() const { return options_.time; }
  torch::Tensor time_bias(int64_t h, int64_t w);

 protected:
  FORWARD_HAS_DEFAULT_ARGS({1, torch::nn::AnyValue(0.0)})

 private:
  Conv3x3Options options_;
  Kernels kernels_ = Kernels::kOn;
  torch::Tensor weight_;                 // dense [out,in(+1),3,3]
  torch::Tensor depthwise_, pointwise_;  // [in(+1),1,3,3], [out,in(+1),1,1]
  torch::Tensor bias_;
};
TORCH_MODULE(Conv3x3);

// The first convolution of a network.
class StemConvImpl : public torch::nn::Conv2dImpl {
 public:
  using Conv2dImpl::Conv2dImpl;
  torch::Tensor forward(const torch::Tensor& x);
  void set_kernels(Kernels kernels) { kernels_ = kernels; }

 private:
  Kernels kernels_ = Kernels::kOn;
};
TORCH_MODULE(StemConv);

}  // namespace dsode::model
