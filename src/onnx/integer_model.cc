#include "onnx/integer_model.h"

#include <cmath>

#include "base/error.h"
#include "onnx/builder.h"
#include "onnx/interface.h"
#include "onnx/layout.h"

namespace dsode::onnx {

using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names
using ir::Floats;

namespace {

using Ints = std::vector<int64_t>;

// Where an operation stands in its loop; `state` is what an increment adds to.
struct At {
  int evaluation = 0, tau = 0;
  std::string state;
};

class Unrolling {
 public:
  explicit Unrolling(const Graph& graph)
      : graph_(graph), bits_(graph.bits), build_(interface(graph.spec, graph.spec.widths.back())) {
    if (bits_.activation != 8)
      throw bad_input(fmt::format("export: activations of {} bits have no type in ONNX", bits_.activation),
                      "quantise with --act-bits 8");
  }

  Model model() && {
    Shape shape = graph_.spec.input;
    std::string x = kPixels;
    for (const Op& op : graph_.ops) {
      x = run(op, x, shape, {});
      shape = output_shape(op, shape);
    }
    return std::move(build_).finish();
  }

 private:
  std::string run(const Op& op, const std::string& x, Shape in, const At& at) {
    name_ = op.name;
    in_ = in;
    return std::visit([&](const auto& what) { return apply(what, x, at); }, op.what);
  }

  std::string apply(const Conv& conv, const std::string& x, const At&) {
    const std::string floats = build_.node("Cast", "pixels.float", {x}, {{"to", int64_t{1}}});
    const std::string maps = build_.node("Transpose", "pixels.nchw", {floats}, {{"perm", Ints{0, 3, 1, 2}}});
    const Floats zero(conv.zero.begin(), conv.zero.end());
    const std::string centred =
        build_.node("Sub", "pixels.centred", {maps, vector(name_ + ".zero", zero, {in_.c, 1, 1})});
    const Floats factor = factors(conv, 0);
    const std::string sums =
        convolve(centred, conv.weight, {3, 1, 1, in_.c, conv.out}, factor, conv.bias.data(), "");
    return state(sums);
  }

  std::string apply(const Affine& affine, const std::string& x, const At& at) {
    const int row = at.evaluation % affine.rows;
    const std::string suffix = affine.rows == 1 ? "" : fmt::format(".{}", row);
    Floats scale, bias;
    for (int c = 0; c < in_.c; ++c) {
      const size_t i = static_cast<size_t>(row) * in_.c + static_cast<size_t>(c);
      scale.push_back(std::ldexp(static_cast<float>(affine.scale[i]), -affine.shift));
      bias.push_back(std::ldexp(static_cast<float>(affine.bias[i]), -affine.shift));
    }
    const std::string y = build_.node(
        "BatchNormalization", name_ + ".affine",
        {x, vector(name_ + ".scale" + suffix, scale, {in_.c}),
         vector(name_ + ".bias" + suffix, bias, {in_.c}), build_.zeros(in_.c), build_.ones(in_.c)},
        {{"epsilon", 0.0F}});
    return activation(y, affine.relu);
  }

  std::string apply(const DwConv& conv, const std::string& x, const At&) {
    const std::string sums =
        convolve(x, conv.weight, {3, conv.stride, in_.c, 1, in_.c}, factors(conv, 0), nullptr, "");
    return activation(sums, false);
  }

  std::string apply(const PwConv& conv, const std::string& x, const At& at) {
    const int row = at.evaluation % conv.rows;
    const std::string suffix = conv.rows == 1 ? "" : fmt::format(".{}", row), name = name_;
    const Floats factor = factors(conv, static_cast<size_t>(row) * conv.out);
    std::string sums = convolve(x, conv.weight, {1, 1, 1, in_.c, conv.out}, factor,
                                conv.bias.data() + static_cast<size_t>(row) * conv.out, suffix);
    if (conv.timed && at.tau > 0)
      sums = build_.node("Add", name + ".timed", {sums, time_map(conv, factor, at)});
    if (conv.to == "activation") return activation(sums, true);
    if (conv.to == "state") return state(sums);
    const std::string sum = build_.node("Add", name + ".sum", {at.state, whole(sums)});
    return clip(sum, -bits_.state_max() - 1, bits_.state_max());
  }

  std::string apply(const Pool& pool, const std::string& x, const At&) {
    Floats factor = factors(pool, 0);
    for (float& f : factor) f *= static_cast<float>(in_.h * in_.w);
    const std::string mean = build_.node("GlobalAveragePool", name_ + ".mean", {x});
    return activation(
        build_.node("Mul", name_ + ".scaled", {mean, vector(name_ + ".factor", factor, {in_.c, 1, 1})}),
        true);
  }

  std::string apply(const Linear& linear, const std::string& x, const At&) {
    build_.output("Flatten", kFeatures, {x});
    Floats factor = factors(linear, 0);
    for (float& f : factor) f *= static_cast<float>(graph_.logit_scale);
    const auto stored = [&] { return ir::Tensor::of(std::span(linear.weight), {in_.c, linear.out}); };
    const std::string weight = dequantized(stored, factor, 1, "");
    build_.output("Gemm", kLogits, {kFeatures, weight, bias(name_, linear.bias.data(), factor, "")});
    return kLogits;
  }

  std::string apply(const OdeLoop& loop, const std::string& x, const At&) {
    const int stages = loop.tableau().stages;
    const Shape shape = in_;
    std::string z = x, read = x;
    for (int e = 0; e < loop.evaluations(); ++e) {
      for (const Op& op : loop.body) read = run(op, read, shape, {e, tau(loop, e), z});
      if (e % stages == stages - 1) z = read;
    }
    return z;
  }

  struct Window {
    int64_t size, stride, groups, in, out;  // `in` channels a group
  };

  // multiplier 2^-shift from multiplier `first` on.
  template <class What>
  Floats factors(const What& what, size_t first) const {
    size_t count = what.multiplier.size() - first;
    if constexpr (requires { what.out; }) count = static_cast<size_t>(what.out);
    Floats result;
    for (size_t k = 0; k < count; ++k)
      result.push_back(std::ldexp(static_cast<float>(what.multiplier[first + k]), -what.shift));
    return result;
  }

  std::string convolve(const std::string& x, const std::vector<int8_t>& weight, const Window& window,
                       const Floats& factor, const int32_t* biases, const std::string& row) {
    const auto stored = [&] {
      return ir::Tensor::of<int8_t>(channels_first(weight, window.in, window.out),
                                    {window.out, window.in, window.size, window.size});
    };
    std::vector<std::string> inputs{x, dequantized(stored, factor, 0, row)};
    if (biases) inputs.push_back(bias(name_, biases, factor, row));
    const int64_t before = window.size / 2, after = (window.size - 1) / 2;
    return build_.node("Conv", name_ + ".conv", std::move(inputs),
                       {{"kernel_shape", Ints{window.size, window.size}},
                        {"strides", Ints{window.stride, window.stride}},
                        {"pads", Ints{before, before, after, after}},
                        {"group", window.groups}});
  }

  // The operation's integer weights, stored once, times a factor for each output channel (along `axis`) of
  // this row.
  template <class Stored>
  std::string dequantized(const Stored& stored, const Floats& factor, int64_t axis, const std::string& row) {
    const std::string name = name_ + ".weight";
    return build_.once(name + row, [&] {
      const std::string integers = build_.constant(name + ".int", stored);
      const std::string scale = vector(name + ".factor" + row, factor, {static_cast<int64_t>(factor.size())});
      return build_.node("DequantizeLinear", name + row, {integers, scale}, {{"axis", axis}});
    });
  }

  std::string bias(const std::string& name, const int32_t* values, const Floats& factor,
                   const std::string& row) {
    Floats scaled;
    for (size_t k = 0; k < factor.size(); ++k) scaled.push_back(static_cast<float>(values[k]) * factor[k]);
    return vector(name + ".bias" + row, scaled, {static_cast<int64_t>(factor.size())});
  }

  // tau times the border values of each pixel, in the result's steps, [1,C,H,W].
  std::string time_map(const PwConv& conv, const Floats& factor, const At& at) {
    return build_.constant(fmt::format("{}.time.{}", name_, at.evaluation), [&] {
      Floats map;
      for (int k = 0; k < conv.out; ++k)
        for (int y = 0; y < in_.h; ++y)
          for (int x = 0; x < in_.w; ++x) {
            const size_t position =
                static_cast<size_t>(ir::border_class(y, x, in_.h, in_.w)) * conv.out + static_cast<size_t>(k);
            map.push_back(static_cast<float>(at.tau) * static_cast<float>(conv.time[position]) *
                          factor[static_cast<size_t>(k)]);
          }
      return ir::Tensor::of<float>(map, {1, conv.out, in_.h, in_.w});
    });
  }

  // To 8 bits and back: the rounding and the clamp of an activation, unsigned ones with a ReLU.
  std::string activation(const std::string& x, bool relu) {
    const std::string zero = build_.constant(relu ? "zero.u8" : "zero.s8", [&] {
      return relu ? ir::Tensor::of<uint8_t>(std::vector<uint8_t>{0}, {})
                  : ir::Tensor::of<int8_t>(std::vector<int8_t>{0}, {});
    });
    const std::string quantised = build_.node("QuantizeLinear", name_ + ".int", {x, build_.scalar(1), zero});
    return build_.node("DequantizeLinear", name_, {quantised, build_.scalar(1), zero});
  }

  // What a ReLU leaves of a state.
  std::string state(const std::string& x) { return clip(whole(x), 0, bits_.state_max()); }

  // floor(x + 1/2)
  std::string whole(const std::string& x) {
    return build_.node("Floor", name_ + ".whole",
                       {build_.node("Add", name_ + ".half", {x, build_.scalar(0.5)})});
  }
  std::string clip(const std::string& x, int lo, int hi) {
    return build_.node("Clip", name_, {x, build_.scalar(lo), build_.scalar(hi)});
  }

  std::string vector(const std::string& key, const Floats& values, const Ints& shape) {
    return build_.constant(key, [&] { return ir::Tensor::of(std::span(values), shape); });
  }

  const Graph& graph_;
  const Bits& bits_;
  Builder build_;
  std::string name_;  // of the operation at work
  Shape in_;          // what it reads
};

}  // namespace

Model integer_model(const Graph& graph) { return Unrolling(graph).model(); }

}  // namespace dsode::onnx
