#include "quant/vectors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/rng.h"

namespace dsode::quant {

using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names

namespace {

constexpr int64_t kAccumulatorMax = (int64_t{1} << (kAccumulatorBits - 1)) - 1;

class Generator {
 public:
  explicit Generator(uint64_t seed) : rng_(seed, Stream::kInit) {}

  Vector make() {
    Graph& graph = vector_.model;
    graph.spec = spec();
    if (one_in(3)) graph.bits = {pick(2, 8), pick(2, 8), pick(8, 16)};
    bits_ = graph.bits;
    shape_ = graph.spec.input;
    graph.ops.push_back({"stem.conv", stem(graph.spec.widths.front())});
    for (int i = 0; i < graph.spec.stages(); ++i) stage(i);
    graph.ops.push_back({"head.norm", affine(1, true)});
    graph.ops.push_back({"head.pool", pool()});
    graph.ops.push_back({"head.linear", linear(graph.spec.classes_count())});
    images();
    return std::move(vector_);
  }

 private:
  int pick(int lo, int hi) { return lo + static_cast<int>(rng_.below(static_cast<uint64_t>(hi - lo + 1))); }
  bool one_in(int n) { return rng_.below(static_cast<uint64_t>(n)) == 0; }

  ir::ModelSpec spec() {
    ir::ModelSpec spec;
    spec.input = {pick(2, 13), pick(2, 13), one_in(2) ? 1 : 3};
    const int small = std::min(spec.input.h, spec.input.w), stages = small > 4   ? pick(1, 3)
                                                                     : small > 2 ? pick(1, 2)
                                                                                 : 1;
    spec.widths.clear();
    for (int i = 0; i < stages; ++i) spec.widths.push_back(pick(1, 20));
    spec.steps = pick(1, 4);
    spec.solver = one_in(3) ? "midpoint" : "euler";
    spec.time = one_in(3) ? "concat" : "none";
    spec.norm = one_in(4) ? "bn" : "bn-per-step";
    spec.normalization.mean.assign(static_cast<size_t>(spec.input.c), 0.5F);
    spec.normalization.std.assign(static_cast<size_t>(spec.input.c), 0.25F);
    for (int k = pick(2, 12); k > 0; --k) spec.classes.push_back(fmt::format("{}", k));
    return spec;
  }

  void stage(int i) {
    Graph& graph = vector_.model;
    const ir::ModelSpec& spec = graph.spec;
    const std::string name = fmt::format("stage{}", i + 1);
    OdeLoop loop{spec.solver, spec.steps, {}};
    const int evaluations = loop.evaluations(), rows = spec.norm == "bn" ? 1 : evaluations, width = shape_.c;
    loop_ = &loop;
    loop.body.push_back({name + ".norm1", affine(rows, true)});
    loop.body.push_back({name + ".conv1.dw", depthwise(1, false)});
    loop.body.push_back({name + ".conv1.pw", pointwise(width, "activation", rows)});
    loop.body.push_back({name + ".conv2.dw", depthwise(1, false)});
    loop.body.push_back(
        {name + ".conv2.pw", pointwise(width, "increment", one_in(2) ? 1 : loop.tableau().stages)});
    loop_ = nullptr;
    graph.ops.push_back({name, std::move(loop)});
    if (i + 1 == spec.stages()) return;
    const std::string next = fmt::format("transition{}.conv", i + 1);
    graph.ops.push_back({next + ".cast", affine(1, false)});
    graph.ops.push_back({next + ".dw", depthwise(2, true)});
    graph.ops.push_back({next + ".pw", pointwise(spec.widths[static_cast<size_t>(i) + 1], "state", 1)});
  }

  // All alike, all extreme, few, or any.
  std::vector<int8_t> weights(size_t count) {
    const int max = bits_.weight_max(), style = pick(0, 5), constant = one_in(2) ? max : -max;
    std::vector<int8_t> result(count);
    for (int8_t& w : result)
      w = static_cast<int8_t>(style == 0   ? constant
                              : style == 1 ? (one_in(2) ? max : -max)
                              : style == 2 ? (one_in(8) ? pick(-max, max) : 0)
                                           : pick(-max, max));
    return result;
  }

  // The shift that brings `ratio` to about 1.
  static int halvings(double ratio) { return std::bit_width(static_cast<uint64_t>(ratio)); }

  struct Bounds {
    std::vector<int64_t> lo, hi;  // by channel
  };

  // Of each channel's sum of weights times operands in [lo, hi], without a bias.
  static Bounds bounds(const std::vector<int8_t>& weight, size_t channels, int64_t lo, int64_t hi) {
    Bounds result{std::vector<int64_t>(channels), std::vector<int64_t>(channels)};
    for (size_t i = 0; i < weight.size(); ++i) {
      result.lo[i % channels] += std::min(weight[i] * lo, weight[i] * hi);
      result.hi[i % channels] += std::max(weight[i] * lo, weight[i] * hi);
    }
    return result;
  }

  // Biases [rows,channels] from none to all that the accumulator leaves room for.
  std::vector<int32_t> biases(const Bounds& sums, int rows) {
    const int style = pick(0, 4);
    std::vector<int32_t> result;
    for (int row = 0; row < rows; ++row)
      for (size_t k = 0; k < sums.lo.size(); ++k) {
        const int64_t most = kAccumulatorMax - sums.hi[k], least = -kAccumulatorMax - sums.lo[k];
        const int64_t scale = std::max<int64_t>(1, (sums.hi[k] - sums.lo[k]) / 8);
        const int64_t bias = style == 0   ? 0
                             : style == 1 ? (one_in(2) ? most : least)
                                          : pick(-1000, 1000) * scale / 1000;
        result.push_back(static_cast<int32_t>(std::clamp(bias, least, most)));
      }
    return result;
  }

  // Multipliers and a shift that bring sums of about `typical` to about `wanted`, or anything at all.
  template <class What>
  void requantise(What& what, size_t count, double typical, double wanted) {
    const int style = pick(0, 7);
    what.multiplier.resize(count);
    for (uint16_t& m : what.multiplier)
      m = static_cast<uint16_t>(style == 0 ? (one_in(2) ? 65535 : pick(0, 1)) : pick(20'000, 65'535));
    what.shift = style == 1 ? (one_in(2) ? 1 : ir::kMaxShift)
                 : style == 2
                     ? pick(1, ir::kMaxShift)
                     : std::clamp(halvings(std::max(typical, 1.0) * 40'000 / wanted), 1, ir::kMaxShift);
  }

  static double typical(const Bounds& sums) {
    double total = 0;
    for (size_t k = 0; k < sums.lo.size(); ++k) total += static_cast<double>(sums.hi[k] - sums.lo[k]);
    return total / (6 * static_cast<double>(sums.lo.size()));
  }

  Conv stem(int out) {
    Conv conv{.out = out,
              .zero = {},
              .weight = weights(static_cast<size_t>(9 * shape_.c * out)),
              .bias = {},
              .multiplier = {}};
    for (int c = 0; c < shape_.c; ++c)
      conv.zero.push_back(static_cast<uint8_t>(one_in(4) ? 255 * pick(0, 1) : pick(0, 255)));
    const Bounds sums = bounds(conv.weight, static_cast<size_t>(out), -255, 255);
    conv.bias = biases(sums, 1);
    requantise(conv, static_cast<size_t>(out), typical(sums), bits_.state_max());
    shape_.c = out;
    return conv;
  }

  Affine affine(int rows, bool relu) {
    Affine affine{.rows = rows, .relu = relu, .scale = {}, .bias = {}};
    const int style = pick(0, 5);
    constexpr auto kMin = std::numeric_limits<int32_t>::min(), kMax = std::numeric_limits<int32_t>::max();
    for (int i = 0; i < rows * shape_.c; ++i) {
      affine.scale.push_back(
          static_cast<int16_t>(style == 0 ? (one_in(2) ? 32767 : -32768) : pick(-20'000, 32'767)));
      const int magnitude = pick(0, 1 << pick(1, 28));
      affine.bias.push_back(style == 1 ? (one_in(2) ? kMin : kMax) : pick(-1, 1) * magnitude);
    }
    const double wanted = std::ldexp(1.0, bits_.activation);
    affine.shift = style == 2 ? (one_in(2) ? 1 : ir::kMaxShift)
                              : std::clamp(pick(-1, 1) + halvings(bits_.state_max() * 20'000.0 / wanted), 1,
                                           ir::kMaxShift);
    return affine;
  }

  DwConv depthwise(int stride, bool after_cast) {
    DwConv conv{.stride = stride, .weight = weights(static_cast<size_t>(9 * shape_.c)), .multiplier = {}};
    const Bounds sums =
        after_cast
            ? bounds(conv.weight, static_cast<size_t>(shape_.c), -bits_.signed_max() - 1, bits_.signed_max())
            : bounds(conv.weight, static_cast<size_t>(shape_.c), 0, bits_.activation_max());
    requantise(conv, static_cast<size_t>(shape_.c), typical(sums), bits_.signed_max());
    shape_ = {ir::strided(shape_.h, stride), ir::strided(shape_.w, stride), shape_.c};
    return conv;
  }

  PwConv pointwise(int out, const std::string& to, int rows) {
    PwConv conv{.out = out,
                .to = to,
                .rows = rows,
                .timed = loop_ && vector_.model.spec.time == "concat",
                .weight = weights(static_cast<size_t>(shape_.c * out)),
                .bias = {},
                .time = {},
                .multiplier = {}};
    Bounds sums = bounds(conv.weight, static_cast<size_t>(out), -bits_.signed_max() - 1, bits_.signed_max());
    if (conv.timed) add_time(conv, sums);
    conv.bias = biases(sums, rows);
    const double wanted = to == "activation" ? bits_.activation_max()
                          : to == "state"    ? bits_.state_max()
                                             : bits_.state_max() / 3.0;
    requantise(conv, static_cast<size_t>(rows * out), typical(sums), wanted);
    shape_.c = out;
    return conv;
  }

  void add_time(PwConv& conv, Bounds& sums) {
    const int64_t most = 2 * loop_->steps;  // tau stays below
    for (int i = 0; i < ir::kBorderClasses * conv.out; ++i) {
      const size_t k = static_cast<size_t>(i % conv.out);
      const int64_t limit = (sums.hi[k] - sums.lo[k]) / (4 * most) + 1;
      conv.time.push_back(static_cast<int32_t>(
          static_cast<int64_t>(rng_.below(static_cast<uint64_t>(2 * limit + 1))) - limit));
    }
    for (size_t k = 0; k < sums.lo.size(); ++k) {
      const int64_t widest = most * ((sums.hi[k] - sums.lo[k]) / (4 * most) + 1);
      sums.lo[k] -= widest;
      sums.hi[k] += widest;
    }
  }

  Pool pool() {
    Pool pool;
    requantise(pool, static_cast<size_t>(shape_.c), shape_.h * shape_.w * bits_.activation_max() / 3.0,
               bits_.activation_max());
    shape_ = {1, 1, shape_.c};
    return pool;
  }

  Linear linear(int out) {
    Linear linear{
        .out = out, .weight = weights(static_cast<size_t>(shape_.c * out)), .bias = {}, .multiplier = {}};
    const Bounds sums = bounds(linear.weight, static_cast<size_t>(out), 0, bits_.activation_max());
    linear.bias = biases(sums, 1);
    requantise(linear, static_cast<size_t>(out), typical(sums), one_in(2) ? 1e3 : 1e12);
    return linear;
  }

  // Black, white, checkered, and two of any pixels.
  void images() {
    const Shape shape = vector_.model.spec.input;
    data::Images& images = vector_.images;
    images = {5, shape, {}};
    for (int i = 0; i < images.n; ++i)
      for (int y = 0; y < shape.h; ++y)
        for (int x = 0; x < shape.w; ++x)
          for (int c = 0; c < shape.c; ++c)
            images.pixels.push_back(static_cast<uint8_t>(i == 0   ? 0
                                                         : i == 1 ? 255
                                                         : i == 2 ? 255 * ((x + y) % 2)
                                                                  : pick(0, 255)));
  }

  Rng rng_;
  Vector vector_;
  Bits bits_;
  Shape shape_;
  const OdeLoop* loop_ = nullptr;  // the one that is being made
};

}  // namespace

Vector make_vector(uint64_t seed) { return Generator(seed).make(); }

}  // namespace dsode::quant
