#include "run/convolution.h"

#include <algorithm>

#include "kernels/cpu.h"
#include "run/take_op.h"

namespace dsode::run {

namespace {

AlignedVector<float> aligned(const ir::Floats& values) { return {values.begin(), values.end()}; }

// [rows,9,out]: at time t, bias + t time, a row a time; one row where time plays no part.
template <class Conv>
Rows biases(const Conv& conv, std::span<const double> times) {
  Rows rows{conv.timed ? static_cast<int>(times.size()) : 1, {}};
  for (int row = 0; row < rows.rows; ++row)
    for (size_t i = 0; i < ir::kBorderClasses * conv.bias.size(); ++i)
      rows.values.push_back(
          conv.bias[i % conv.bias.size()] +
          (conv.timed ? static_cast<float>(times[static_cast<size_t>(row)]) * conv.time[i] : 0));
  return rows;
}

}  // namespace

std::optional<Convolution> Convolution::take(std::span<const ir::Op> ops, size_t& first, Shape in,
                                             const Place& place, std::string& reason) {
  size_t at = first;
  Convolution result;
  result.in_ = in;
  const auto* norm = take_op<ir::Affine>(ops, at);
  result.norm_ = take_op<ir::Relu>(ops, at) != nullptr;
  const auto refuse = [&](std::string why) {
    reason = std::move(why);
    return std::nullopt;
  };
  if (norm && !result.norm_) return refuse("a norm without ReLU");
  if (result.norm_) {
    const auto channels = static_cast<size_t>(in.c);
    result.scale_ = norm ? Rows{norm->rows, aligned(norm->scale)} : Rows{1, aligned(ir::Floats(channels, 1))};
    result.shift_ = norm ? Rows{norm->rows, aligned(norm->bias)} : Rows{1, aligned(ir::Floats(channels, 0))};
  }

  const auto* dw = take_op<ir::DwConv>(ops, at);
  const auto* pw = dw ? take_op<ir::PwConv>(ops, at) : nullptr;
  const auto* conv = dw ? nullptr : take_op<ir::Conv>(ops, at);
  if (!pw && !conv)
    return refuse(at < ops.size() ? "operation " + ops[at].name : "the end where a convolution is expected");
  if (pw) {
    if (dw->stride == 2 && pw->timed) return refuse("time in a strided convolution");
    if (in.c % kernels::kChannels != 0) return refuse(fmt::format("{} channels", in.c));
    result.depthwise_ = aligned(dw->weight);
    result.bias_ = biases(*pw, place.times);
  } else {
    if (conv->stride == 2 && conv->timed) return refuse("time in a strided convolution");
    result.size_ = conv->size;
    result.bias_ = biases(*conv, place.times);
  }
  result.stride_ = pw ? dw->stride : conv->stride;
  const int out = pw ? pw->out : conv->out;
  if (out % kernels::kChannels != 0) return refuse(fmt::format("{} channels", out));
  result.out_ = {ir::strided(in.h, result.stride_), ir::strided(in.w, result.stride_), out};
  ir::Floats weight = pw ? pw->weight : conv->weight;
  if (place.trailing) {
    const auto* folded = take_op<ir::Affine>(ops, at);
    result.relu_ = take_op<ir::Relu>(ops, at) != nullptr;
    if (folded && !result.relu_) return refuse("a norm without ReLU");
    if (folded) {
      const size_t channels = folded->scale.size();
      for (size_t i = 0; i < weight.size(); ++i) weight[i] *= folded->scale[i % channels];
      for (size_t i = 0; i < result.bias_.values.size(); ++i)
        result.bias_.values[i] =
            folded->scale[i % channels] * result.bias_.values[i] + folded->bias[i % channels];
    }
  }
  for (float& w : weight) w *= place.gain;
  for (float& b : result.bias_.values) b *= place.gain;
  if (pw) {
    result.separable_ = &kernels::separable_kernels(place.precision).front();
    result.pointwise_ = kernels::pack_pointwise(weight, out, result.separable_->packing, place.precision);
  } else {
    result.dense_ = kernels::pack_product<float>(weight, out, kernels::dense_kernels().front().packing);
  }
  first = at;
  return result;
}

size_t Convolution::scratch() const {
  if (separable_) return kernels::separable_scratch(in_.w, in_.c);
  return kernels::dense_scratch(in_.w, in_.c, size_, stride_) + (norm_ ? in_.size() : 0);
}

void Convolution::run(int evaluation, const float* x, float* y, bool add, float* scratch, int begin,
                      int end) const noexcept {
  const float *scale = norm_ ? scale_.at(evaluation) : nullptr,
              *shift = norm_ ? shift_.at(evaluation) : nullptr;
  if (separable_) {
    const kernels::Separable op{.height = in_.h,
                                .width = in_.w,
                                .in = in_.c,
                                .out = out_.c,
                                .stride = stride_,
                                .begin = begin,
                                .end = end,
                                .scale = scale,
                                .shift = shift,
                                .depthwise = depthwise_.data(),
                                .pointwise = pointwise_.data(),
                                .bias = bias_.at(evaluation),
                                .base = add ? y : nullptr,
                                .relu = relu_};
    separable_->run(op, x, y, scratch);
    return;
  }
  if (norm_) {
    float* activated = scratch + kernels::dense_scratch(in_.w, in_.c, size_, stride_);
    const auto channels = static_cast<size_t>(in_.c), row = in_.w * channels;
    const int first = std::max(begin * stride_ - size_ / 2, 0),
              last = std::min((end - 1) * stride_ + size_ / 2 + 1, in_.h);
    for (size_t i = first * row; i < last * row; i += channels)
      for (size_t c = 0; c < channels; ++c) activated[i + c] = std::max(scale[c] * x[i + c] + shift[c], 0.0F);
    x = activated;
  }
  const kernels::Dense op{.height = in_.h,
                          .width = in_.w,
                          .in = in_.c,
                          .out = out_.c,
                          .size = size_,
                          .stride = stride_,
                          .begin = begin,
                          .end = end,
                          .weight = dense_.data(),
                          .bias = bias_.at(evaluation),
                          .base = add ? y : nullptr,
                          .relu = relu_};
  kernels::dense_kernels().front().run(op, x, y, scratch);
}

}  // namespace dsode::run
