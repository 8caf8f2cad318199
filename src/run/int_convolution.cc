#include "run/int_convolution.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/cpu.h"
#include "run/take_op.h"

namespace dsode::run {

using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names
using kernels::kSignedZero;

namespace {

// [in,out] filled up to whole vectors in both directions, `in` to `whole_in`.
std::vector<int8_t> filled_up(const std::vector<int8_t>& weight, int out, int whole_in) {
  std::vector<int8_t> result = run::filled_up(weight, out, whole(out));
  result.resize(static_cast<size_t>(whole_in) * static_cast<size_t>(whole(out)));
  return result;
}

// Of each output channel, the sum over c of weight[c,out] zero(c).
template <class Zero>
std::vector<int32_t> sums(const std::vector<int8_t>& weight, int out, const Zero& zero) {
  const auto n = static_cast<size_t>(out);
  std::vector<int32_t> result(n);
  for (size_t i = 0; i < weight.size(); ++i) result[i % n] += weight[i] * zero(i / n);
  return result;
}

// No sum of a bias and of weight[c,out] times operands of up to `operand` is above it.
int64_t largest(const std::vector<int8_t>& weight, int out, int operand,
                const std::vector<int32_t>& bias = {0}) {
  std::vector<int64_t> sums(static_cast<size_t>(out));
  for (size_t i = 0; i < weight.size(); ++i) sums[i % sums.size()] += std::abs(weight[i]);
  int64_t most = 0;
  for (const int64_t b : bias) most = std::max(most, std::abs(b));
  return most + *std::ranges::max_element(sums) * operand;
}

// [evaluations,9,out] from rows of biases and what the time adds.
std::vector<int32_t> timed_biases(const PwConv& conv, const OdeLoop& loop) {
  std::vector<int32_t> result;
  for (int e = 0; e < loop.evaluations(); ++e)
    for (size_t i = 0; i < conv.time.size(); ++i) {
      const auto out = static_cast<size_t>(conv.out), row = static_cast<size_t>(e % conv.rows);
      result.push_back(conv.bias[row * out + i % out] + tau(loop, e) * conv.time[i]);
    }
  return result;
}

IntProduct plan_pointwise(const PwConv& conv, int in, const OdeLoop* loop, const IntTarget& target) {
  const std::vector<int8_t> weight = filled_up(conv.weight, conv.out, whole(in));
  IntProduct product;
  product.out = whole(conv.out);
  product.weight = kernels::pack_product<int8_t>(weight, product.out, target.kernel->packing);
  product.bias = run::filled_up(conv.timed ? timed_biases(conv, *loop) : conv.bias, conv.out, product.out);
  product.bias_rows = conv.timed ? loop->evaluations() : conv.rows;
  product.border = conv.timed ? product.out : 0;
  product.rescale = kernels::RescalePlan(run::filled_up(conv.multiplier, conv.out, product.out), conv.shift,
                                         largest(weight, product.out, kSignedZero, product.bias));
  // Operands are stored plus kSignedZero.
  const std::vector<int32_t> zeros = sums(weight, product.out, [](size_t) { return kSignedZero; });
  for (size_t i = 0; i < product.bias.size(); ++i) product.bias[i] -= zeros[i % zeros.size()];
  product.rescale_rows = conv.rows;
  product.state = conv.to != "activation";
  product.lo = conv.to == "increment" ? -target.bits.state_max() - 1 : 0;
  product.hi = product.state ? target.bits.state_max() : target.bits.activation_max();
  return product;
}

IntProduct plan_stem(const Conv& conv, int in, const IntTarget& target) {
  const std::vector<int8_t> weight = filled_up(conv.weight, conv.out, kernels::integer_stem_window(in));
  IntProduct product;
  product.out = whole(conv.out);
  product.weight = kernels::pack_product<int8_t>(weight, product.out, target.kernel->packing);
  product.bias = run::filled_up(conv.bias, conv.out, product.out);
  product.rescale = kernels::RescalePlan(run::filled_up(conv.multiplier, conv.out, product.out), conv.shift,
                                         largest(weight, product.out, 255, product.bias));
  const auto channels = static_cast<size_t>(in);
  const std::vector<int32_t> zeros =
      sums(weight, product.out, [&](size_t c) { return int{conv.zero[c % channels]}; });
  for (size_t k = 0; k < zeros.size(); ++k) product.bias[k] -= zeros[k];
  product.hi = target.bits.state_max();
  return product;
}

}  // namespace

kernels::NormPlan plan_norm(const Affine& affine, int channels, int zero, const Bits& bits) {
  return {filled_up(affine.scale, channels, whole(channels)),
          filled_up(affine.bias, channels, whole(channels)),
          affine.shift,
          zero,
          affine.relu ? 0 : -bits.signed_max() - 1,
          affine.relu ? bits.activation_max() : bits.signed_max()};
}

kernels::IntegerProduct IntProduct::at(int evaluation, const int16_t* base) const {
  const auto row = [&](int rows) { return static_cast<size_t>(evaluation % rows); };
  return {.out = out,
          .weight = weight.data(),
          .bias = bias.data() + row(bias_rows) * (bias.size() / static_cast<size_t>(bias_rows)),
          .border = border,
          .rescale = rescale.at(row(rescale_rows) * static_cast<size_t>(out)),
          .state = state,
          .base = base,
          .lo = lo,
          .hi = hi};
}

IntStem::IntStem(const Op& op, Shape in, const IntTarget& target)
    : kernel_(target.kernel), name_(op.name), in_(in), out_(output_shape(op, in)) {
  const auto& conv = std::get<Conv>(op.what);
  zero_ = conv.zero;
  product_ = plan_stem(conv, in.c, target);
}

void IntStem::run(const uint8_t* pixels, int16_t* y, void* scratch, int begin, int end,
                  Observer* observer) const noexcept {
  const kernels::IntegerStem op{.height = in_.h,
                                .width = in_.w,
                                .in = in_.c,
                                .begin = begin,
                                .end = end,
                                .zero = zero_.data(),
                                .product = product_.at(0, nullptr)};
  kernel_->stem(op, pixels, y, scratch);
  if (observer) show(*observer, name_, 0, out_, y);
}

std::optional<IntConvolution> IntConvolution::take(std::span<const Op> ops, size_t& first, Shape in,
                                                   const OdeLoop* loop, const IntTarget& target,
                                                   std::string& reason) {
  size_t at = first;
  const auto* norm = take_op<Affine>(ops, at);
  const auto* dw = take_op<DwConv>(ops, at);
  const auto* pw = dw ? take_op<PwConv>(ops, at) : nullptr;
  if (!pw) {
    reason = at < ops.size() ? "operation " + ops[at].name : "the end where a convolution is expected";
    return std::nullopt;
  }
  const Bits& bits = target.bits;
  const int channels = whole(in.c);
  IntConvolution result;
  result.kernel_ = target.kernel;
  result.pointwise_name_ = ops[at - 1].name;
  result.depthwise_name_ = ops[at - 2].name;
  if (norm) {
    result.norm_name_ = ops[first].name;
    result.norm_rows_ = norm->rows;
    result.zero_ = norm->relu ? 0 : kSignedZero;
    result.norm_ = plan_norm(*norm, in.c, result.zero_, bits);
  }
  result.in_ = in;
  result.out_ = output_shape(ops[at - 1], output_shape(ops[at - 2], in));
  result.stride_ = dw->stride;
  result.signed_max_ = bits.signed_max();
  result.depthwise_ = run::filled_up(dw->weight, in.c, channels);
  result.depthwise_bias_ = sums(result.depthwise_, channels, [&](size_t) { return -result.zero_; });
  result.depthwise_rescale_ = kernels::RescalePlan(run::filled_up(dw->multiplier, in.c, channels), dw->shift,
                                                   largest(result.depthwise_, channels, 255), kSignedZero);
  result.product_ = plan_pointwise(*pw, in.c, loop, target);
  first = at;
  return result;
}

void IntConvolution::run(int evaluation, const void* x, void* y, const int16_t* base, void* scratch,
                         int begin, int end, Observer* observer) const noexcept {
  kernels::IntegerNorm norm;
  if (norm_rows_ > 0)
    norm = norm_.at(static_cast<size_t>(evaluation % norm_rows_) * static_cast<size_t>(whole(in_.c)));
  kernels::IntegerSeparable op{.height = in_.h,
                               .width = in_.w,
                               .in = whole(in_.c),
                               .stride = stride_,
                               .begin = begin,
                               .end = end,
                               .norm = norm_rows_ > 0 ? &norm : nullptr,
                               .zero = zero_,
                               .depthwise = depthwise_.data(),
                               .depthwise_bias = depthwise_bias_.data(),
                               .depthwise_rescale = depthwise_rescale_.at(0),
                               .depthwise_lo = kSignedZero - signed_max_ - 1,
                               .depthwise_hi = kSignedZero + signed_max_,
                               .product = product_.at(evaluation, base),
                               .activations = nullptr,
                               .operands = nullptr};
  if (!observer) return kernel_->separable(op, x, y, scratch);
  const Shape filtered{out_.h, out_.w, in_.c};
  std::vector<uint8_t> activations(whole(in_).size()), operands(whole(filtered).size());
  op.activations = activations.data();
  op.operands = operands.data();
  kernel_->separable(op, x, y, scratch);
  if (norm_rows_ > 0) show(*observer, norm_name_, evaluation, in_, activations.data(), zero_);
  show(*observer, depthwise_name_, evaluation, filtered, operands.data(), kSignedZero);
  if (product_.state)
    show(*observer, pointwise_name_, evaluation, out_, static_cast<const int16_t*>(y));
  else
    show(*observer, pointwise_name_, evaluation, out_, static_cast<const uint8_t*>(y));
}

}  // namespace dsode::run
