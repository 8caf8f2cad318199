#include "onnx/float_model.h"

#include <algorithm>

#include "ode/solve.h"
#include "onnx/builder.h"
#include "onnx/interface.h"
#include "onnx/layout.h"

namespace dsode::onnx {

namespace {

using ir::Floats;
using Ints = std::vector<int64_t>;

constexpr int64_t kFloatType = 1;  // of Cast

// One evaluation of an operation: maps are tensors [N,C,H,W].
struct Call {
  const std::string& op;
  std::string x;  // what it reads
  Shape in, out;
  int evaluation = 0;
  double t = 0;
};

struct Window {
  int64_t size, stride, groups, in, out;  // `in` channels a group
};

bool all_zero(const Floats& values) {
  return std::ranges::all_of(values, [](float v) { return v == 0; });
}

class Unrolling {
 public:
  explicit Unrolling(const ir::Graph& graph) : graph_(graph), build_(interface(graph.spec, width(graph))) {}

  Model model() && {
    const std::span body(graph_.ops.data(), graph_.ops.size() - 1);
    const std::string last = run(body, image(), graph_.spec.input, 0, 0);
    const ir::Op& classifier = graph_.ops.back();
    build_.output("Flatten", kFeatures, {last});
    build_.output("Gemm", kLogits,
                  gemm_inputs(classifier.name, std::get<ir::Linear>(classifier.what), kFeatures));
    return std::move(build_).finish();
  }

 private:
  static int width(const ir::Graph& graph) {
    Shape shape = graph.spec.input;
    for (const ir::Op& op : std::span(graph.ops.data(), graph.ops.size() - 1))
      shape = output_shape(op, shape);
    return shape.c;
  }

  // The normalised pixels.
  std::string image() {
    const std::string floats = build_.node("Cast", "pixels.float", {kPixels}, {{"to", kFloatType}});
    const std::string maps = build_.node("Transpose", "pixels.nchw", {floats}, {{"perm", Ints{0, 3, 1, 2}}});
    const Normalization& norm = graph_.spec.normalization;
    const std::string centred =
        build_.node("Sub", "pixels.centred", {maps, in_pixels("pixels.mean", norm.mean)});
    return build_.node("Div", "image", {centred, in_pixels("pixels.std", norm.std)});
  }

  // Times 255, [C,1,1].
  std::string in_pixels(const std::string& name, Floats values) {
    for (float& v : values) v *= 255;
    return build_.constant(name, [&] {
      return ir::Tensor::of<float>(values, {static_cast<int64_t>(values.size()), 1, 1});
    });
  }

  std::string run(std::span<const ir::Op> ops, std::string x, Shape shape, int evaluation, double t) {
    for (const ir::Op& op : ops) {
      const Shape out = output_shape(op, shape);
      const Call call{op.name, std::move(x), shape, out, evaluation, t};
      x = std::visit([&](const auto& what) { return apply(what, call); }, op.what);
      shape = out;
    }
    return x;
  }

  std::string apply(const ir::Conv& conv, const Call& call) {
    const Window window{conv.size, conv.stride, 1, call.in.c, conv.out};
    return at_time(conv, call, convolve(call, window, conv.weight, conv.bias));
  }

  std::string apply(const ir::DwConv& conv, const Call& call) {
    return convolve(call, {3, conv.stride, call.in.c, 1, call.in.c}, conv.weight, {});
  }

  std::string apply(const ir::PwConv& conv, const Call& call) {
    return at_time(conv, call, convolve(call, {1, 1, 1, call.in.c, conv.out}, conv.weight, conv.bias));
  }

  std::string apply(const ir::Affine& norm, const Call& call) {
    const auto row = [&](const Floats& rows) {
      const auto begin = rows.begin() + (norm.rows == 1 ? 0 : call.evaluation * call.in.c);
      return Floats(begin, begin + call.in.c);
    };
    const std::string suffix = norm.rows == 1 ? "" : fmt::format(".{}", call.evaluation);
    return affine(call.op, call.x, suffix, row(norm.scale), row(norm.bias));
  }

  std::string apply(const ir::GroupNorm& norm, const Call& call) {
    const std::string groups =
        build_.node("Reshape", call.op + ".groups",
                    {call.x, build_.integers(fmt::format("groups.{}", norm.groups), {0, norm.groups, -1})});
    const std::string normed = build_.node("InstanceNormalization", call.op + ".normed",
                                           {groups, build_.ones(norm.groups), build_.zeros(norm.groups)},
                                           {{"epsilon", static_cast<float>(ir::kNormEpsilon)}});
    return affine(call.op, reshape(call.op + ".maps", normed, call.in), "", norm.scale, norm.bias);
  }

  std::string apply(const ir::Relu&, const Call& call) { return build_.node("Relu", call.op, {call.x}); }

  std::string apply(const ir::MaxPool&, const Call& call) {
    return build_.node("MaxPool", call.op, {call.x}, window_attributes(3, 2));
  }

  std::string apply(const ir::MeanPool&, const Call& call) {
    return build_.node("GlobalAveragePool", call.op, {call.x});
  }

  std::string apply(const ir::Linear& linear, const Call& call) {
    const std::string flat = build_.node("Flatten", call.op + ".flat", {call.x});
    const std::string product = build_.node("Gemm", call.op, gemm_inputs(call.op, linear, flat));
    return reshape(call.op + ".map", product, call.out);
  }

  std::string apply(const ir::OdeLoop& loop, const Call& call) {
    const ode::Tableau& tableau = loop.tableau();
    const auto eval = [&](const std::string& state, ode::EvalPoint point) {
      return run(loop.body, state, call.in, point.step * tableau.stages + point.stage, point.t);
    };
    const auto axpy = [&](const std::string& state, double a, const std::string& slope) {
      return build_.node("Add", call.op, {state, times(call.op + ".increment", slope, a)});
    };
    return ode::solve_fixed(tableau, call.x, 0.0, 1.0, loop.steps, eval, axpy);
  }

  static std::vector<Attribute> window_attributes(int64_t size, int64_t stride) {
    const int64_t before = size / 2, after = (size - 1) / 2;
    return {{"kernel_shape", Ints{size, size}},
            {"strides", Ints{stride, stride}},
            {"pads", Ints{before, before, after, after}}};
  }

  std::string convolve(const Call& call, const Window& window, const Floats& weight, const Floats& bias) {
    std::vector<std::string> inputs{call.x, build_.constant(call.op + ".weight", [&] {
                                      return ir::Tensor::of<float>(
                                          channels_first(weight, window.in, window.out),
                                          {window.out, window.in, window.size, window.size});
                                    })};
    if (!all_zero(bias)) inputs.push_back(vector(call.op + ".bias", bias));
    auto attributes = window_attributes(window.size, window.stride);
    attributes.push_back({"group", window.groups});
    return build_.node("Conv", call.op, std::move(inputs), std::move(attributes));
  }

  // Adds t times the map of border values.
  template <class What>
  std::string at_time(const What& conv, const Call& call, const std::string& y) {
    if (!conv.timed || call.t == 0) return y;
    const std::string map = build_.once(call.op + ".border", [&] { return border_map(conv.time, call); });
    return build_.node("Add", call.op + ".timed", {y, times(call.op + ".time", map, call.t)});
  }

  // [9,C] -> [1,C,H,W]: three rows and three columns, the middle ones repeated.
  std::string border_map(const Floats& time, const Call& call) {
    const std::string values = build_.constant(call.op + ".time", [&] {
      return ir::Tensor::of<float>(channels_first(time, 1, call.out.c), {1, call.out.c, 3, 3});
    });
    const auto thirds = [&](int side) {
      Ints values;
      for (int i = 0; i < side; ++i) values.push_back(ir::border_class(0, i, 2, side));
      return build_.integers(fmt::format("thirds.{}", side), values);
    };
    const std::string rows =
        build_.node("Gather", call.op + ".rows", {values, thirds(call.out.h)}, {{"axis", int64_t{2}}});
    return build_.node("Gather", call.op + ".border", {rows, thirds(call.out.w)}, {{"axis", int64_t{3}}});
  }

  std::string times(const std::string& name, const std::string& x, double factor) {
    return factor == 1 ? x : build_.node("Mul", name, {x, build_.scalar(factor)});
  }

  // Scale and bias a channel in one node: a batch norm of mean 0 and variance 1.
  std::string affine(const std::string& name, const std::string& x, const std::string& row,
                     const Floats& scale, const Floats& bias) {
    const int channels = static_cast<int>(scale.size());
    return build_.node("BatchNormalization", name,
                       {x, vector(name + ".scale" + row, scale), vector(name + ".bias" + row, bias),
                        build_.zeros(channels), build_.ones(channels)},
                       {{"epsilon", 0.0F}});
  }

  std::string vector(const std::string& key, const Floats& values) {
    return build_.constant(
        key, [&] { return ir::Tensor::of(std::span(values), {static_cast<int64_t>(values.size())}); });
  }

  std::string reshape(const std::string& name, const std::string& x, Shape shape) {
    return build_.node("Reshape", name,
                       {x, build_.integers("shape." + shape.text(), {0, shape.c, shape.h, shape.w})});
  }

  std::vector<std::string> gemm_inputs(const std::string& op, const ir::Linear& linear,
                                       const std::string& x) {
    const int64_t out = linear.out, in = static_cast<int64_t>(linear.weight.size()) / out;
    const std::string weight = build_.constant(op + ".weight", [&] {
      return ir::Tensor::of(std::span(linear.weight), {in, out});
    });
    return {x, weight, vector(op + ".bias", linear.bias)};
  }

  const ir::Graph& graph_;
  Builder build_;
};

}  // namespace

Model float_model(const ir::Graph& graph) { return Unrolling(graph).model(); }

}  // namespace dsode::onnx
