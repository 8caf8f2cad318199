#include "model/kernel_conv.h"

#include "kernels/clones.h"
#include "kernels/dense/dense.h"
#include "kernels/separable/separable.h"
#include "model/threads.h"

namespace dsode::model {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

bool plain(const Tensor& t) { return t.is_cpu() && t.scalar_type() == torch::kFloat32; }

// Sums into totals; they begin again.
template <class Value>
DSODE_CLONES void drain(Value* __restrict from, size_t n, double factor, double* __restrict to) {
  for (size_t i = 0; i < n; ++i) {
    to[i] += factor * static_cast<double>(from[i]);
    from[i] = 0;
  }
}

template <class Values>
void drain(Values& from, double factor, std::vector<double>& to) {
  drain(from.data(), from.size(), factor, to.data());
}

// What libtorch's Function takes for a tensor that may be undefined.
c10::optional<Tensor> given(const Tensor& t) { return t.defined() ? c10::optional<Tensor>(t) : c10::nullopt; }

// [9,K], the same in every border class; zeros where there is none.
AlignedVector<float> border_biases(const c10::optional<Tensor>& bias, int64_t out) {
  AlignedVector<float> values(static_cast<size_t>(9 * out));
  if (!bias) return values;
  const Tensor from = bias->detach().contiguous();
  for (size_t i = 0; i < values.size(); ++i) values[i] = values_of(from)[i % static_cast<size_t>(out)];
  return values;
}

int64_t strided(int64_t size, int64_t stride) { return (size + stride - 1) / stride; }

// What comes out of a convolution of stride `stride` to `out` channels.
Maps strided(const Maps& in, int64_t out, int64_t stride) {
  Maps result = in;
  result.c = out;
  result.h = strided(in.h, stride);
  result.w = strided(in.w, stride);
  return result;
}

struct Separable : torch::autograd::Function<Separable> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& depthwise,
                        const Tensor& pointwise, const c10::optional<Tensor>& bias, int64_t stride,
                        int64_t precision) {
    ctx->save_for_backward({x, depthwise, pointwise});
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["precision"] = precision;
    ctx->saved_data["biased"] = bias.has_value();
    const auto& kernel = kernels::separable_kernels(static_cast<kernels::Precision>(precision)).front();
    const SeparableWeights weights(depthwise, pointwise, 1, static_cast<kernels::Precision>(precision));
    const Maps in(x), out = strided(in, pointwise.size(0), stride);
    const AlignedVector<float> biases = border_biases(bias, out.c);
    const Tensor y = out.make();
    const kernels::Separable op{.height = static_cast<int>(in.h),
                                .width = static_cast<int>(in.w),
                                .in = static_cast<int>(in.c),
                                .out = static_cast<int>(out.c),
                                .stride = static_cast<int>(stride),
                                .begin = 0,
                                .end = static_cast<int>(out.h),
                                .depthwise = weights.depthwise.data(),
                                .pointwise = weights.pointwise.data(),
                                .bias = biases.data(),
                                .far = true};
    in.each_chunk([&](int64_t, int64_t first, int64_t end) {
      AlignedVector<float> scratch(kernels::separable_scratch(op.width, op.in));
      for (int64_t i = first; i < end; ++i) kernel.run(op, in.image(x, i), out.image(y, i), scratch.data());
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], gy = grads[0].contiguous(kChannelsLast);
    const int64_t stride = ctx->saved_data["stride"].toInt();
    const auto precision = static_cast<kernels::Precision>(ctx->saved_data["precision"].toInt());
    const bool biased = ctx->saved_data["biased"].toBool();
    const auto& kernel = kernels::separable_gradient_kernels(precision).front();
    const SeparableWeights weights(saved[1], saved[2], 1, precision);
    const Maps in(x), out(gy);
    const std::vector<float> one(static_cast<size_t>(out.c), 1), none(static_cast<size_t>(out.c));
    std::vector<Chunk> chunks;
    for (int64_t chunk = 0; chunk < in.chunks(); ++chunk) chunks.emplace_back(in, out.c, biased);
    const Tensor g = in.make();
    in.each_chunk([&](int64_t at, int64_t first, int64_t end) {
      Chunk& chunk = chunks[static_cast<size_t>(at)];
      for (int64_t i = first; i < end; ++i) {
        const float* gy_i = out.image(gy, i);
        const kernels::SeparableGradient op{
            .height = static_cast<int>(in.h),
            .width = static_cast<int>(in.w),
            .in = static_cast<int>(in.c),
            .out = static_cast<int>(out.c),
            .stride = static_cast<int>(stride),
            .depthwise = weights.depthwise.data(),
            .transposed = weights.transposed.data(),
            .through = {gy_i, gy_i, one.data(), none.data(), none.data(), none.data()}};
        kernel.run(op, in.image(x, i), in.image(g, i), chunk.sums(), chunk.scratch.data());
      }
    });
    Totals totals(in.c, out.c);
    totals.take(chunks, 1);
    return {g,
            totals.depthwise_gradient(),
            totals.pointwise_gradient(),
            biased ? tensor_of(totals.bias, {9, out.c}).sum(0) : Tensor(),
            Tensor(),
            Tensor()};
  }
};

struct DenseConv : torch::autograd::Function<DenseConv> {
  static kernels::Dense op_of(const Maps& in, const Tensor& weight, int64_t stride) {
    return {.height = static_cast<int>(in.h),
            .width = static_cast<int>(in.w),
            .in = static_cast<int>(in.c),
            .out = static_cast<int>(weight.size(0)),
            .size = static_cast<int>(weight.size(2)),
            .stride = static_cast<int>(stride),
            .begin = 0,
            .end = static_cast<int>(strided(in.h, stride))};
  }
  static AlignedVector<float> scratch(const kernels::Dense& op) {
    return AlignedVector<float>(kernels::dense_scratch(op.width, op.in, op.size, op.stride));
  }

  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight,
                        const c10::optional<Tensor>& bias, int64_t stride) {
    ctx->save_for_backward({x, weight});
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["biased"] = bias.has_value();
    const auto& kernel = kernels::dense_kernels().front();
    const Maps in(x), out = strided(in, weight.size(0), stride);
    kernels::Dense op = op_of(in, weight, stride);
    const auto packed = kernels::pack_product<float>(
        values_of(weight.detach().permute({2, 3, 1, 0}).contiguous()), op.out, kernel.packing);
    const AlignedVector<float> biases = border_biases(bias, out.c);
    op.weight = packed.data();
    op.bias = biases.data();
    const Tensor y = out.make();
    in.each_chunk([&](int64_t, int64_t first, int64_t end) {
      auto room = scratch(op);
      for (int64_t i = first; i < end; ++i) kernel.run(op, in.image(x, i), out.image(y, i), room.data());
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], gy = grads[0].contiguous(kChannelsLast);
    const bool biased = ctx->saved_data["biased"].toBool();
    const auto& kernel = kernels::dense_kernels().front();
    const Maps in(x), out(gy);
    const kernels::Dense op = op_of(in, weight, ctx->saved_data["stride"].toInt());
    struct Sums {
      std::vector<double> weight, bias;
    };
    const auto taps = static_cast<size_t>(weight.numel()), k = static_cast<size_t>(out.c);
    std::vector<Sums> chunks(static_cast<size_t>(in.chunks()),
                             {std::vector<double>(taps), std::vector<double>(k)});
    in.each_chunk([&](int64_t chunk, int64_t first, int64_t end) {
      auto room = scratch(op);
      AlignedVector<float> weights(taps), biases(k);
      for (int64_t i = first; i < end; ++i) {
        kernel.gradient(op, in.image(x, i), out.image(gy, i),
                        {weights.data(), biased ? biases.data() : nullptr}, room.data());
        drain(weights, 1, chunks[static_cast<size_t>(chunk)].weight);
        drain(biases, 1, chunks[static_cast<size_t>(chunk)].bias);
      }
    });
    Sums total{std::vector<double>(taps), std::vector<double>(k)};
    for (Sums& chunk : chunks) {
      drain(chunk.weight, 1, total.weight);
      drain(chunk.bias, 1, total.bias);
    }
    const Tensor gradient =
        tensor_of(total.weight, {op.size, op.size, op.in, op.out}).permute({3, 2, 0, 1}).contiguous();
    return {Tensor(), gradient, biased ? tensor_of(total.bias, {out.c}) : Tensor(), Tensor()};
  }
};

}  // namespace

std::span<const float> values_of(const Tensor& t) {
  return {t.data_ptr<float>(), static_cast<size_t>(t.numel())};
}

Tensor tensor_of(const std::vector<double>& values, at::IntArrayRef shape) {
  return torch::tensor(at::ArrayRef<double>(values), torch::kFloat32).view(shape);
}

Tensor Maps::make() const { return torch::empty({n, c, h, w}, torch::TensorOptions(), kChannelsLast); }

void Maps::each_chunk(const std::function<void(int64_t, int64_t, int64_t)>& body) const {
  parallel(chunks(), [&](int64_t chunk) { body(chunk, n * chunk / chunks(), n * (chunk + 1) / chunks()); });
}

SeparableWeights::SeparableWeights(const Tensor& dw, const Tensor& pw, double gain,
                                   kernels::Precision precision) {
  const int64_t in = pw.size(1), out = pw.size(0);
  const Tensor taps = dw.detach().reshape({in, 9}).t().contiguous();
  depthwise.assign(values_of(taps).begin(), values_of(taps).end());
  const Tensor back = pw.detach().reshape({out, in}).mul(gain).contiguous();
  pointwise = kernels::pack_pointwise(values_of(back.t().contiguous()), static_cast<int>(out),
                                      kernels::separable_kernels(precision).front().packing, precision);
  transposed =
      kernels::pack_pointwise(values_of(back), static_cast<int>(in),
                              kernels::separable_gradient_kernels(precision).front().packing, precision);
}

Chunk::Chunk(const Maps& in, int64_t out, bool biased) {
  const auto c = static_cast<size_t>(in.c), k = static_cast<size_t>(out);
  const int w = static_cast<int>(in.w), width = static_cast<int>(in.c);
  for (auto* sums : {&g, &gx}) sums->resize(c);
  for (auto* sums : {&total_g, &total_gx}) sums->resize(c);
  depthwise.resize(9 * c);
  pointwise.resize(c * k);
  if (biased) bias.resize(9 * k);
  scratch.resize(std::max(kernels::separable_scratch(w, width),
                          kernels::separable_gradient_scratch(w, width, static_cast<int>(out))));
}

kernels::SeparableSums Chunk::sums() {
  return {g.data(), gx.data(), depthwise.data(), pointwise.data(), bias.empty() ? nullptr : bias.data()};
}

void Chunk::count() {
  drain(g, 1, total_g);
  drain(gx, 1, total_gx);
}

Totals::Totals(int64_t in, int64_t out) {
  const auto c = static_cast<size_t>(in), k = static_cast<size_t>(out);
  for (auto* sums : {&g, &gx}) sums->resize(c);
  depthwise.resize(9 * c);
  pointwise.resize(c * k);
  bias.resize(9 * k);
}

void Totals::take(std::vector<Chunk>& chunks, double gain) {
  for (Chunk& chunk : chunks) {
    drain(chunk.total_g, 1, g);
    drain(chunk.total_gx, 1, gx);
    drain(chunk.depthwise, 1, depthwise);
    drain(chunk.bias, gain, bias);
  }
  constexpr size_t kPart = 1 << 13;
  parallel(static_cast<int64_t>((pointwise.size() + kPart - 1) / kPart), [&](int64_t part) {
    const size_t begin = kPart * static_cast<size_t>(part), count = std::min(kPart, pointwise.size() - begin);
    for (Chunk& chunk : chunks) drain(chunk.pointwise.data() + begin, count, gain, pointwise.data() + begin);
  });
}

Tensor Totals::depthwise_gradient() const {
  const auto c = static_cast<int64_t>(g.size());
  return tensor_of(depthwise, {9, c}).t().reshape({c, 1, 3, 3});
}

Tensor Totals::pointwise_gradient() const {
  const auto c = static_cast<int64_t>(g.size()), k = static_cast<int64_t>(bias.size() / 9);
  return tensor_of(pointwise, {c, k}).t().reshape({k, c, 1, 1});
}

bool covers_separable(const Tensor& x, const Tensor& pointwise) {
  return plain(x) && plain(pointwise) && x.numel() > 0 && x.size(1) % kernels::kChannels == 0 &&
         pointwise.size(0) % kernels::kChannels == 0;
}

Tensor separable_conv(const Tensor& x, const Tensor& depthwise, const Tensor& pointwise, const Tensor& bias,
                      int64_t stride, kernels::Precision precision) {
  return Separable::apply(x.contiguous(kChannelsLast), depthwise, pointwise, given(bias), stride,
                          static_cast<int64_t>(precision));
}

bool covers_dense(const Tensor& x, const Tensor& weight) {
  return plain(x) && plain(weight) && x.numel() > 0 && !x.requires_grad() &&
         weight.size(0) % kernels::kChannels == 0;
}

Tensor dense_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride) {
  return DenseConv::apply(x.contiguous(kChannelsLast), weight, given(bias), stride);
}

}  // namespace dsode::model
