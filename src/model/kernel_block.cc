#include "model/kernel_block.h"

#include "kernels/separable/separable.h"
#include "model/kernel_conv.h"

namespace dsode::model {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

// One convolution of the block's function, its biases at any time, and the sums of its gradient and that of
// the norm in front of it over all steps.
struct Half {
  NormRelu norm;
  Conv3x3 conv;
  double gain;
  SeparableWeights weights;
  std::vector<float> bias, time;  // [C] and [9,C], or none
  Totals totals;                  // its g, gx and bias those of one evaluation
  std::vector<double> scale, shift, biases_g, times_g;

  Half(const OdeFunctionImpl::Half& half, const Maps& maps, double gain, kernels::Precision precision)
      : norm(half.norm),
        conv(half.conv),
        gain(gain),
        weights(conv->depthwise().narrow(0, 0, maps.c), conv->pointwise().narrow(1, 0, maps.c), gain,
                precision),
        totals(maps.c, maps.c) {
    const auto c = static_cast<size_t>(maps.c);
    for (auto* sums : {&scale, &shift}) sums->resize(c);
    for (auto* sums : {&biases_g, &times_g}) sums->resize(9 * c);
    if (conv->bias().defined()) {
      const Tensor values = conv->bias().detach().contiguous();
      bias.assign(values_of(values).begin(), values_of(values).end());
    }
    if (conv->timed()) {
      const Tensor values = border_values(conv->time_bias(maps.h, maps.w).detach());
      time.assign(values_of(values).begin(), values_of(values).end());
    }
  }

  // [9,C] at time t.
  std::vector<float> biases(double t, int64_t c) const {
    std::vector<float> sum(static_cast<size_t>(9 * c));
    for (size_t i = 0; i < sum.size(); ++i) {
      if (!bias.empty()) sum[i] += bias[i % bias.size()];
      if (!time.empty()) sum[i] += static_cast<float>(t) * time[i];
      sum[i] *= static_cast<float>(gain);
    }
    return sum;
  }

  bool biased() const { return !bias.empty() || !time.empty(); }

  // Of a map [1,C,H,W] that is one value a border class, these values [9,C]; and the map whose gradient they
  // are.
  static Tensor border_values(const Tensor& map) {
    return map[0].permute({1, 2, 0}).index({rows(map.size(2)), columns(map.size(3))}).contiguous();
  }
  static Tensor border_map(const Tensor& values, int64_t h, int64_t w) {
    Tensor map = torch::zeros({h, w, values.size(1)});
    map.index_put_({rows(h), columns(w)}, values, true);
    return map.permute({2, 0, 1}).unsqueeze(0);
  }

 private:
  static Tensor rows(int64_t h) { return torch::tensor({int64_t{0}, h / 2, h - 1}).repeat_interleave(3); }
  static Tensor columns(int64_t w) { return torch::tensor({int64_t{0}, w / 2, w - 1}).repeat({3}); }
};

// What a norm was in one evaluation of f, and the gradient that comes back through it.
struct Through {
  std::vector<float> scale, offset, slope;

  Through(const NormTerms& norm, const std::vector<double>& g, const std::vector<double>& gx, double pixels) {
    for (size_t c = 0; c < g.size(); ++c) {
      const double factor = norm.batch ? -norm.scale[c] / pixels : 0, inverse = norm.inv_std[c];
      scale.push_back(norm.scale[c]);
      offset.push_back(static_cast<float>(factor * g[c]));
      slope.push_back(static_cast<float>(factor * inverse * inverse * gx[c]));
    }
  }
  kernels::NormGradient of(const NormTerms& norm, const float* g, const float* v) const {
    return {g, v, scale.data(), offset.data(), slope.data(), norm.mean.data()};
  }
};

// What the backward pass needs of the forward one.
struct Tape : torch::CustomClassHolder {
  std::shared_ptr<OdeBlockImpl> block;
  std::vector<std::array<NormTerms, 2>> norms;  // of each evaluation
  bool keep_inside = false;
  kernels::Precision precision = kernels::Precision::kFp32;
};

// One pass of the block over a batch, forward or backward.
class Pass {
 public:
  Pass(OdeBlockImpl& block, const Tensor& z, kernels::Precision precision)
      : block_(block),
        precision_(precision),
        shape_(z),
        h_(1.0 / block.steps()),
        halves_{Half(block.function()->halves()[0], shape_, 1, precision),
                Half(block.function()->halves()[1], shape_, h_, precision)} {
    for (int64_t chunk = 0; chunk < shape_.chunks(); ++chunk)
      chunks_.emplace_back(shape_, shape_.c, halves_[0].biased());
  }

  // z(1); `states` and `inside` get z and the map between the convolutions of each step, where asked for.
  Tensor forward(const Tensor& start, variable_list* states, variable_list* inside,
                 std::vector<std::array<NormTerms, 2>>& norms) {
    std::vector<kernels::Statistics> statistics(static_cast<size_t>(shape_.n));
    Tensor z = states ? start : start.clone(kChannelsLast), u;
    const bool batch = halves_[0].norm->uses_batch();
    if (batch)
      shape_.each_chunk([&](int64_t, int64_t first, int64_t end) {
        for (int64_t i = first; i < end; ++i) statistics[static_cast<size_t>(i)] = moments(image(z, i));
      });
    for (int step = 0; step < block_.steps(); ++step) {
      if (!u.defined() || inside) u = shape_.make();
      const Tensor next = states ? shape_.make() : z;
      std::array<NormTerms, 2> terms;
      for (const int half : {0, 1}) {
        terms[half] = halves_[half].norm->terms(batch ? &statistics : nullptr, shape_.h * shape_.w, step);
        const std::vector<float> bias = halves_[half].biases(step * h_, shape_.c);
        shape_.each_chunk([&](int64_t chunk, int64_t first, int64_t end) {
          for (int64_t i = first; i < end; ++i) {
            float* y = image(half == 0 ? u : next, i);
            run(half, terms[half], bias, image(half == 0 ? z : u, i), half == 0 ? nullptr : image(z, i), y,
                chunk);
            if (batch) statistics[static_cast<size_t>(i)] = moments(y);
          }
        });
      }
      if (states) states->push_back(z);
      if (inside) inside->push_back(u);
      norms.push_back(std::move(terms));
      z = next;
    }
    return z;
  }

  // The gradient by z(0) of <z(1), seed>. `states` hold z of each step and z(1).
  Tensor backward(const Tensor& seed, const variable_list& states, const variable_list& inside,
                  const std::vector<std::array<NormTerms, 2>>& norms) {
    const Tensor past = seed.clone(kChannelsLast), g = shape_.make();
    Tensor u = inside.empty() ? shape_.make() : Tensor();
    std::optional<Through> behind;  // the norm of the step after this one
    for (size_t step = norms.size(); step-- > 0;) {
      const double t = static_cast<double>(step) * h_;
      const Tensor &z = states[step], &next = states[step + 1];
      const std::vector<float> bias = halves_[0].biases(t, shape_.c);
      if (!inside.empty()) u = inside[step];
      shape_.each_chunk([&](int64_t chunk, int64_t first, int64_t end) {
        for (int64_t i = first; i < end; ++i) {
          if (inside.empty()) run(0, norms[step][0], bias, image(z, i), nullptr, image(u, i), chunk);
          const auto through =
              behind ? behind->of(norms[step + 1][0], image(g, i), image(next, i)) : kernels::NormGradient{};
          gradient(1, norms[step][1], through, image(past, i), image(u, i), image(g, i), chunk);
        }
      });
      const Through middle = collect(1, norms[step][1], t);
      shape_.each_chunk([&](int64_t chunk, int64_t first, int64_t end) {
        for (int64_t i = first; i < end; ++i)
          gradient(0, norms[step][0], middle.of(norms[step][1], image(g, i), image(u, i)), nullptr,
                   image(z, i), image(g, i), chunk);
      });
      behind = collect(0, norms[step][0], t);
    }
    shape_.each_chunk([&](int64_t, int64_t first, int64_t end) {
      for (int64_t i = first; i < end; ++i)
        kernels::separable_gradient_kernels().front().pass(
            behind->of(norms[0][0], image(g, i), image(states[0], i)), static_cast<int>(shape_.h * shape_.w),
            static_cast<int>(shape_.c), image(past, i));
    });
    return past;
  }

  // Of the block's parameters, in their order.
  variable_list parameter_gradients() {
    std::vector<std::pair<Tensor, Tensor>> known;
    for (const Half& half : halves_) add_gradients(half, known);
    variable_list gradients;
    for (const Tensor& parameter : block_.parameters())
      for (const auto& [of, gradient] : known)
        if (of.is_same(parameter)) gradients.push_back(gradient);
    return gradients;
  }

 private:
  float* image(const Tensor& maps, int64_t i) const { return shape_.image(maps, i); }

  kernels::Statistics moments(const float* map) const {
    return kernels::norm_relu_statistics(map, {shape_.h * shape_.w, shape_.c});
  }

  void run(int half, const NormTerms& norm, const std::vector<float>& bias, const float* x, const float* base,
           float* y, int64_t chunk) {
    const auto h = static_cast<int>(shape_.h), w = static_cast<int>(shape_.w), c = static_cast<int>(shape_.c);
    const kernels::Separable op{.height = h,
                                .width = w,
                                .in = c,
                                .out = c,
                                .begin = 0,
                                .end = h,
                                .scale = norm.scale.data(),
                                .shift = norm.shift.data(),
                                .depthwise = halves_[half].weights.depthwise.data(),
                                .pointwise = halves_[half].weights.pointwise.data(),
                                .bias = bias.data(),
                                .base = base,
                                .far = true};
    kernels::separable_kernels(precision_)
        .front()
        .run(op, x, y, chunks_[static_cast<size_t>(chunk)].scratch.data());
  }

  void gradient(int half, const NormTerms& norm, const kernels::NormGradient& through, float* past,
                const float* x, float* g, int64_t at) {
    Chunk& chunk = chunks_[static_cast<size_t>(at)];
    const auto h = static_cast<int>(shape_.h), w = static_cast<int>(shape_.w), c = static_cast<int>(shape_.c);
    const kernels::SeparableGradient op{.height = h,
                                        .width = w,
                                        .in = c,
                                        .out = c,
                                        .scale = norm.scale.data(),
                                        .shift = norm.shift.data(),
                                        .mean = norm.mean.data(),
                                        .depthwise = halves_[half].weights.depthwise.data(),
                                        .transposed = halves_[half].weights.transposed.data(),
                                        .through = through,
                                        .past = past};
    kernels::separable_gradient_kernels(precision_).front().run(op, x, g, chunk.sums(), chunk.scratch.data());
    chunk.count();
  }

  // The chunks' sums into the totals; t is the time of the evaluation.
  Through collect(int at, const NormTerms& norm, double t) {
    Half& half = halves_[at];
    half.totals.take(chunks_, half.gain);
    const auto taken = [](std::vector<double>& sums) {
      return std::exchange(sums, std::vector<double>(sums.size()));
    };
    const std::vector<double> g = taken(half.totals.g), gx = taken(half.totals.gx),
                              bias = taken(half.totals.bias);
    for (size_t c = 0; c < g.size(); ++c) {
      half.shift[c] += g[c];
      half.scale[c] += gx[c] * norm.inv_std[c];
    }
    for (size_t i = 0; i < bias.size(); ++i) {
      half.biases_g[i] += bias[i];
      half.times_g[i] += t * bias[i];
    }
    return Through(norm, g, gx, static_cast<double>(shape_.n * shape_.h * shape_.w));
  }

  void add_gradients(const Half& half, std::vector<std::pair<Tensor, Tensor>>& known) {
    const int64_t c = shape_.c;
    Conv3x3 conv = half.conv;
    if (half.norm->weight().defined()) {
      known.emplace_back(half.norm->weight(), tensor_of(half.scale, {c}));
      known.emplace_back(half.norm->bias(), tensor_of(half.shift, {c}));
    }
    if (conv->bias().defined()) known.emplace_back(conv->bias(), tensor_of(half.biases_g, {9, c}).sum(0));
    Tensor depthwise = half.totals.depthwise_gradient(), pointwise = half.totals.pointwise_gradient();
    if (conv->timed()) {
      const torch::AutoGradMode grad_mode(true);
      const Tensor map = conv->time_bias(shape_.h, shape_.w);
      const auto found =
          torch::autograd::grad({map}, {conv->depthwise(), conv->pointwise()},
                                {Half::border_map(tensor_of(half.times_g, {9, c}), shape_.h, shape_.w)});
      depthwise = found[0] + torch::constant_pad_nd(depthwise, {0, 0, 0, 0, 0, 0, 0, 1});
      pointwise = found[1] + torch::constant_pad_nd(pointwise, {0, 0, 0, 0, 0, 1});
    }
    known.emplace_back(conv->depthwise(), depthwise);
    known.emplace_back(conv->pointwise(), pointwise);
  }

  OdeBlockImpl& block_;
  kernels::Precision precision_;
  Maps shape_;
  double h_;
  std::array<Half, 2> halves_;
  std::vector<Chunk> chunks_;
};

struct OnKernels : torch::autograd::Function<OnKernels> {
  static Tensor forward(AutogradContext* ctx, const Tensor& z, OdeBlockImpl* block, bool keep_inside,
                        kernels::Precision precision, at::TensorList) {
    auto tape = c10::make_intrusive<Tape>();
    tape->block = std::static_pointer_cast<OdeBlockImpl>(block->shared_from_this());
    tape->keep_inside = keep_inside;
    tape->precision = precision;
    variable_list states, inside;
    const Tensor out =
        Pass(*block, z, precision).forward(z, &states, keep_inside ? &inside : nullptr, tape->norms);
    states.push_back(out);
    states.insert(states.end(), inside.begin(), inside.end());
    ctx->save_for_backward(states);
    ctx->saved_data["tape"] = c10::IValue::make_capsule(tape);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto tape = c10::static_intrusive_pointer_cast<Tape>(ctx->saved_data["tape"].toCapsule());
    variable_list states = ctx->get_saved_variables();
    const auto last = states.begin() + static_cast<int64_t>(tape->norms.size()) + 1;
    const variable_list inside(last, states.end());
    Pass pass(*tape->block, states[0], tape->precision);
    variable_list result{pass.backward(grads[0], states, inside, tape->norms), Tensor(), Tensor(), Tensor()};
    const variable_list parameters = pass.parameter_gradients();
    result.insert(result.end(), parameters.begin(), parameters.end());
    return result;
  }
};

}  // namespace

std::string kernels_refuse(OdeBlockImpl& block, const Tensor& z) {
  if (!z.is_cpu() || z.scalar_type() != torch::kFloat32) return "tensors that are no floats on the CPU";
  if (!block.euler()) return "any solver but Euler's with fixed steps";
  const auto halves = block.function()->halves();
  if (!halves[0].conv->depthwise().defined()) return "dense convolutions";
  if (halves[0].norm->groups() > 0) return "group norm";
  if (z.size(1) % kernels::kChannels != 0) return fmt::format("{} channels", z.size(1));
  if (halves[0].conv->timed() && (z.size(2) < 2 || z.size(3) < 2)) return "time on maps of one row or column";
  return {};
}

Tensor solve_on_kernels(OdeBlockImpl& block, const Tensor& z, bool keep_inside,
                        kernels::Precision precision) {
  const Tensor start = z.contiguous(kChannelsLast);
  if (torch::GradMode::is_enabled())
    return OnKernels::apply(start, &block, keep_inside, precision, at::TensorList(block.parameters()));
  std::vector<std::array<NormTerms, 2>> norms;
  return Pass(block, start, precision).forward(start, nullptr, nullptr, norms);
}

}  // namespace dsode::model
