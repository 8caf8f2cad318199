#include "quant/unit.h"

#include "base/error.h"

namespace dsode::quant {

using ir::Op;

namespace {

class Reader {
 public:
  // `loop`: the one whose body `ops` is, or the last one before them.
  Reader(const std::vector<Op>& ops, const Op* loop, bool inside) : ops_(ops), loop_(loop), inside_(inside) {}

  std::vector<Unit> units() {
    while (at_ < ops_.size()) {
      const Op& op = ops_[at_++];
      std::visit([&](const auto& what) { read(op, what); }, op.what);
    }
    return std::move(units_);
  }

 private:
  // The next operation if it is a What.
  template <class What>
  const Op* take() {
    return at_ < ops_.size() && std::holds_alternative<What>(ops_[at_].what) ? &ops_[at_++] : nullptr;
  }

  // A norm, where there is one, and the ReLU after it.
  void take_norm_relu(Unit& unit) {
    unit.norm = take<ir::Affine>();
    unit.result = take<ir::Relu>();
  }

  void add(Unit unit) {
    if (!unit.result) throw refuse(*unit.op, "no ReLU behind it");
    if (unit.has_weight() || unit.kind == Unit::Kind::kPool) unit.operand = operand_;
    if (unit.has_map()) operand_ = unit.name;
    units_.push_back(std::move(unit));
  }

  void read(const Op& op, const ir::Conv&) {
    Unit unit{.kind = Unit::Kind::kStem, .name = op.name, .op = &op};
    take_norm_relu(unit);
    add(std::move(unit));
  }

  void read(const Op& op, const ir::Affine&) {
    const Op* relu = take<ir::Relu>();
    if (!relu) throw refuse(op, "no ReLU behind it");
    add({.kind = Unit::Kind::kNorm,
         .name = op.name,
         .op = &op,
         .norm = &op,
         .result = relu,
         .state = state(op)});
  }

  void read(const Op& op, const ir::Relu&) {
    add({.kind = Unit::Kind::kNorm, .name = op.name, .op = &op, .result = &op, .state = state(op)});
  }

  void read(const Op& op, const ir::DwConv&) {
    if (!inside_) {
      if (!loop_) throw refuse(op, "no ODE loop before it");
      add({.kind = Unit::Kind::kCast,
           .name = op.name + ".cast",
           .op = &op,
           .result = loop_,
           .state = loop_->name});
    }
    add({.kind = Unit::Kind::kDepthwise, .name = op.name, .op = &op, .result = &op});
  }

  void read(const Op& op, const ir::PwConv&) {
    Unit unit{.kind = Unit::Kind::kPointwise, .name = op.name, .op = &op};
    take_norm_relu(unit);
    if (inside_ && at_ == ops_.size()) {
      if (unit.norm || unit.result) throw refuse(op, "a norm or a ReLU before the sum with the state");
      unit.result = &op;
      unit.state = loop_->name;
    }
    unit.to = !inside_ ? "state" : unit.state.empty() ? "activation" : "increment";
    add(std::move(unit));
  }

  void read(const Op& op, const ir::MeanPool&) {
    add({.kind = Unit::Kind::kPool, .name = op.name, .op = &op, .result = &op});
  }
  void read(const Op& op, const ir::Linear&) {
    add({.kind = Unit::Kind::kLinear, .name = op.name, .op = &op, .result = &op});
  }

  void read(const Op& op, const ir::OdeLoop& loop) {
    loop_ = &op;
    if (!units_.empty()) units_.back().state = op.name;  // a stem or a transition, which writes it
    units_.push_back({.kind = Unit::Kind::kLoop,
                      .name = op.name,
                      .op = &op,
                      .result = &op,
                      .state = op.name,
                      .body = Reader(loop.body, &op, true).units()});
  }

  template <class Other>
  void read(const Op& op, const Other&) {
    throw refuse(op, "no integer operation does this");
  }

  const std::string& state(const Op& op) const {
    if (!loop_) throw refuse(op, "no ODE loop before it");
    return loop_->name;
  }

  static Error refuse(const Op& op, const std::string& what) {
    return ir::refuse_op("quantisation", op.name, what, "quantise the graph of a dsodenet checkpoint");
  }

  const std::vector<Op>& ops_;
  const Op* loop_;
  bool inside_;
  size_t at_ = 0;
  std::string operand_;
  std::vector<Unit> units_;
};

// The field that `pick` finds in the operation.
template <class Pick>
ir::Floats& tensor_of(Op& op, const Pick& pick) {
  ir::Floats* found = nullptr;
  std::visit([&](auto& what) { found = pick(what); }, op.what);
  DSODE_CHECK(found, "{}", op.name);
  return *found;
}

}  // namespace

ir::Floats& weight_of(Op& op) {
  return tensor_of(op, [](auto& what) -> ir::Floats* {
    if constexpr (requires { what.weight; }) return &what.weight;
    return nullptr;
  });
}

ir::Floats& bias_of(Op& op) {
  return tensor_of(op, [](auto& what) -> ir::Floats* {
    if constexpr (requires { what.bias; }) return &what.bias;
    return nullptr;
  });
}

bool Unit::has_weight() const {
  return kind == Kind::kStem || kind == Kind::kDepthwise || kind == Kind::kPointwise || kind == Kind::kLinear;
}

bool Unit::has_map() const {
  return kind == Kind::kNorm || kind == Kind::kCast || kind == Kind::kDepthwise || kind == Kind::kPool ||
         (kind == Kind::kPointwise && to == "activation");
}

Range Unit::range(const ir::integer::Bits& bits) const {
  if (kind == Kind::kCast || kind == Kind::kDepthwise) return {-bits.signed_max() - 1, bits.signed_max()};
  return {0, bits.activation_max()};
}

std::string without_integer_form(const ir::ModelSpec& spec) {
  if (spec.family != "dsodenet") return "family " + spec.family;
  if (spec.norm == "gn") return "norm gn";
  if (spec.solver != "euler" && spec.solver != "midpoint") return "solver " + spec.solver;
  return spec.stem == "conv3x3" ? "" : "stem " + spec.stem;
}

std::vector<Unit> units_of(const ir::Graph& graph) {
  if (const std::string what = without_integer_form(graph.spec); !what.empty())
    throw bad_input(
        fmt::format("{}: {} has no integer form", graph.spec.name(), what),
        "train a dsodenet with norm bn-per-step, bn or none, solver euler or midpoint, stem conv3x3");
  return Reader(graph.ops, nullptr, false).units();
}

}  // namespace dsode::quant
