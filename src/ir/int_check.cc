// What makes an integer model sound: each operation reads what the one before it gives, and no accumulator
// can overflow. The bounds are exact, over all values that the operands' types hold.
#include <algorithm>

#include "base/error.h"
#include "ir/int_graph.h"

namespace dsode::ir::integer {

namespace {

enum class Kind { kPixels, kState, kUnsigned, kSigned, kScores };

const char* text(Kind kind) {
  constexpr const char* kTexts[] = {"pixels", "state", "activations", "signed activations", "scores"};
  return kTexts[static_cast<size_t>(kind)];
}

struct Range {
  int64_t lo = 0, hi = 0;
  Range operator+(Range other) const { return {lo + other.lo, hi + other.hi}; }
  // Of w x, x in `operand`. An operand's range holds 0, so that a tap cut off by the border is within.
  static Range product(int64_t w, Range operand) {
    return {std::min(w * operand.lo, w * operand.hi), std::max(w * operand.lo, w * operand.hi)};
  }
};

constexpr int64_t kAccumulatorLimit = int64_t{1} << (kAccumulatorBits - 1);

class Checker {
 public:
  Checker(const Graph& graph, const std::string& origin)
      : graph_(graph), bits_(graph.bits), origin_(origin) {}

  void run() {
    check_logit_scale();
    Shape shape = graph_.spec.input;
    Kind kind = Kind::kPixels;
    for (const Op& op : graph_.ops) {
      kind = step(op, kind, shape, nullptr);
      if (kind == Kind::kScores) check_features(shape.c);
      shape = output_shape(op, shape);
    }
    const Shape scores{1, 1, graph_.spec.classes_count()};
    if (kind != Kind::kScores || shape != scores)
      throw bad_input(fmt::format("{}: ops: the last one gives {} {}, not one score for each of {} classes",
                                  origin_, shape.text(), text(kind), scores.c),
                      "the file is damaged");
  }

 private:
  // Any difference of scores is a finite float, and not 0.
  void check_logit_scale() const {
    constexpr double kLeast = 0x1p-126, kMost = 0x1p95;
    if (!(graph_.logit_scale >= kLeast && graph_.logit_scale <= kMost))
      throw bad_input(
          fmt::format("{}: logit_scale: {} is not from {} to {}", origin_, graph_.logit_scale, kLeast, kMost),
          "quantise the model again: dsodenet quantize");
  }

  // Who runs the model makes room for its features by the specification.
  void check_features(int channels) const {
    const int width = graph_.spec.widths.back();
    require(channels == width, fmt::format("{} channels to read, widths end in {}", channels, width));
  }

  // What `op` gives for what it reads; `loop` is the one it stands in.
  Kind step(const Op& op, Kind in, Shape shape, const OdeLoop* loop) {
    op_ = &op;
    require(op.name != "pixels" && op.name != "scores" && op.name != "__metadata__",
            "name: taken by the traces");
    return std::visit([&](const auto& what) { return check(what, in, shape, loop); }, op.what);
  }

  Kind check(const Conv& conv, Kind in, Shape shape, const OdeLoop* loop) {
    outside(loop);
    reads(in, {Kind::kPixels});
    weights(conv.weight);
    const std::vector<Range> ranges = sums(conv.weight, conv.out, [&](size_t i) {
      const int64_t zero = conv.zero[i % static_cast<size_t>(shape.c)];
      return Range{-zero, 255 - zero};
    });
    for (size_t k = 0; k < ranges.size(); ++k) fits(conv.bias[k], ranges[k], k);
    return Kind::kState;
  }

  Kind check(const Affine& affine, Kind in, Shape, const OdeLoop* loop) {
    reads(in, {Kind::kState});
    rows(affine.rows, loop, false);
    return affine.relu ? Kind::kUnsigned : Kind::kSigned;
  }

  Kind check(const DwConv& conv, Kind in, Shape shape, const OdeLoop*) {
    reads(in, {Kind::kUnsigned, Kind::kSigned});
    weights(conv.weight);
    const std::vector<Range> ranges = sums(conv.weight, shape.c, [&](size_t) { return operand(in); });
    for (size_t c = 0; c < ranges.size(); ++c) fits(0, ranges[c], c);
    return Kind::kSigned;
  }

  Kind check(const PwConv& conv, Kind in, Shape shape, const OdeLoop* loop) {
    reads(in, {Kind::kSigned});
    weights(conv.weight);
    rows(conv.rows, loop, true);
    require(!conv.timed || (loop && shape.h >= 2 && shape.w >= 2),
            "timed: outside of a loop, or on a map of less than 2x2");
    const std::vector<Range> ranges = sums(conv.weight, conv.out, [&](size_t) { return operand(in); });
    for (size_t i = 0; i < conv.bias.size(); ++i) {
      const size_t row = i / ranges.size(), k = i % ranges.size();
      const Range time = conv.timed ? time_range(conv, *loop, static_cast<int>(row), k) : Range{};
      fits(conv.bias[i], ranges[k] + time, k);
    }
    require(conv.to != "increment" || (loop && &loop->body.back() == op_),
            "to: an increment closes a loop's body");
    require(conv.to != "state" || !loop, "to: a state inside a loop");
    return conv.to == "activation" ? Kind::kUnsigned : Kind::kState;
  }

  Kind check(const Pool&, Kind in, Shape shape, const OdeLoop* loop) {
    outside(loop);
    reads(in, {Kind::kUnsigned});
    fits(0, Range::product(int64_t{shape.h} * shape.w, operand(in)), 0);
    return Kind::kUnsigned;
  }

  Kind check(const Linear& linear, Kind in, Shape shape, const OdeLoop* loop) {
    outside(loop);
    reads(in, {Kind::kUnsigned});
    require(shape.h == 1 && shape.w == 1, fmt::format("its input is a map of {}x{}", shape.h, shape.w));
    weights(linear.weight);
    const std::vector<Range> ranges = sums(linear.weight, linear.out, [&](size_t) { return operand(in); });
    for (size_t k = 0; k < ranges.size(); ++k) fits(linear.bias[k], ranges[k], k);
    return Kind::kScores;
  }

  Kind check(const OdeLoop& loop, Kind in, Shape shape, const OdeLoop*) {
    reads(in, {Kind::kState});
    require(loop.solver == "euler" || loop.solver == "midpoint",
            fmt::format("solver: {} has no integer form", loop.solver));
    const Op& self = *op_;
    Shape inner = shape;
    Kind kind = in;
    for (const Op& op : loop.body) {
      kind = step(op, kind, inner, &loop);
      inner = output_shape(op, inner);
    }
    op_ = &self;
    const auto* last = std::get_if<PwConv>(&loop.body.back().what);
    require(last && last->to == "increment" && inner == shape,
            "body: does not end in an increment of its state");
    return Kind::kState;
  }

  void outside(const OdeLoop* loop) const { require(!loop, "has no place in a loop"); }

  // `stages`: one row a stage of the solver will do too.
  void rows(int rows, const OdeLoop* loop, bool stages) {
    const int evaluations = loop ? loop->evaluations() : 1;
    require(rows == 1 || rows == evaluations || (stages && loop && rows == loop->tableau().stages),
            fmt::format("rows: {} for {} evaluations", rows, evaluations));
  }

  void weights(const std::vector<int8_t>& weight) {
    const int max = bits_.weight_max();
    const auto beyond = std::ranges::find_if(weight, [&](int8_t w) { return w < -max || w > max; });
    if (beyond != weight.end()) require(false, fmt::format("weight: {} is beyond +-{}", int{*beyond}, max));
  }

  Range operand(Kind kind) const {
    if (kind == Kind::kUnsigned) return {0, bits_.activation_max()};
    return {-bits_.signed_max() - 1, bits_.signed_max()};
  }

  // Of tau time[class][k] over the classes and the evaluations that use `row`: tau grows with them.
  static Range time_range(const PwConv& conv, const OdeLoop& loop, int row, size_t k) {
    const int last = loop.evaluations() - conv.rows + row;
    const Range taus{tau(loop, row), tau(loop, last)};
    Range range{INT64_MAX, INT64_MIN};
    for (size_t i = k; i < conv.time.size(); i += static_cast<size_t>(conv.out)) {
      const Range values = Range::product(conv.time[i], taus);
      range = {std::min(range.lo, values.lo), std::max(range.hi, values.hi)};
    }
    return range;
  }

  // Of sum_i weight[i,k] x_i, x_i in operand_of(i), for each of `outputs` channels k.
  template <class OperandOf>
  static std::vector<Range> sums(const std::vector<int8_t>& weight, int outputs,
                                 const OperandOf& operand_of) {
    const auto n = static_cast<size_t>(outputs);
    std::vector<Range> sums(n);
    for (size_t i = 0; i < weight.size(); ++i)
      sums[i % n] = sums[i % n] + Range::product(weight[i], operand_of(i / n));
    return sums;
  }

  // `bias` alone, and with `sum` added, stays within the accumulator.
  void fits(int64_t bias, Range sum, size_t channel) const {
    const Range alone{bias, bias};
    for (const Range range : {alone, alone + sum})
      if (range.lo <= -kAccumulatorLimit || range.hi >= kAccumulatorLimit)
        require(false, fmt::format("channel {}: its accumulator could reach {} to {}, beyond {} bits",
                                   channel, range.lo, range.hi, kAccumulatorBits));
  }

  void reads(Kind in, std::initializer_list<Kind> allowed) {
    require(std::ranges::find(allowed, in) != allowed.end(), fmt::format("cannot read {}", text(in)));
  }

  void require(bool ok, const std::string& what) const {
    if (!ok) throw refuse_op(origin_, op_->name, what, "quantise the model again: dsodenet quantize");
  }

  const Graph& graph_;
  const Bits& bits_;
  const std::string& origin_;
  const Op* op_ = nullptr;
};

}  // namespace

void check(const Graph& graph, const std::string& origin) { Checker(graph, origin).run(); }

}  // namespace dsode::ir::integer
