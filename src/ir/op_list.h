// What the float and the integer graph share: a list of named operations, some of them ODE loops with a list
// of their own, as JSON in an artifact that may be hostile.
//
// An Op is {std::string name; std::variant<...> what;} with the kinds' names in Op::kKinds; output_shape(op,
// in) gives the shape of its result.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/names.h"
#include "base/options.h"
#include "ir/safetensors.h"
#include "ir/spec.h"

namespace dsode::ir {

inline constexpr int kMaxOps = 4096, kMaxRows = 8192, kMaxShift = 40;

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

// z(1) of dz/dt = body(z, t), z(0) the input, by `steps` equal steps of a tableau.
template <class Op>
struct Loop {
  std::string solver = "euler";
  int steps = 1;
  std::vector<Op> body;

  const ode::Tableau& tableau() const { return ode::tableau(solver); }
  int evaluations() const { return steps * tableau().stages; }
};

// Calls field(name, value, bounds...) for each field of an operation besides its tensors, found by its name:
// the one list of them, for writing and reading.
template <class What, class Field>
void visit_fields(What& what, Field&& field) {
  if constexpr (requires { what.size; }) field("size", what.size, 1, 7);
  if constexpr (requires { what.stride; }) field("stride", what.stride, 1, 2);
  if constexpr (requires { what.out; }) field("out", what.out, 1, kMaxClasses);
  if constexpr (requires { what.to; })
    field("to", what.to, std::vector<std::string>{"activation", "state", "increment"});
  if constexpr (requires { what.rows; }) field("rows", what.rows, 1, kMaxRows);
  if constexpr (requires { what.groups; }) field("groups", what.groups, 1, kMaxWidth);
  if constexpr (requires { what.relu; }) field("relu", what.relu);
  if constexpr (requires { what.timed; }) field("timed", what.timed);
  if constexpr (requires { what.shift; }) field("shift", what.shift, 1, kMaxShift);
  if constexpr (requires { what.solver; }) field("solver", what.solver, ode::solver_names());
  if constexpr (requires { what.steps; }) field("steps", what.steps, 1, kMaxSteps);
}

template <class Op>
const std::string& kind(const Op& op) {
  return Op::kKinds[op.what.index()];
}

// Side of a map behind a convolution or a pool of this stride, padded by half its window.
inline int strided(int side, int stride) { return (side + stride - 1) / stride; }

// Calls visit(op, in) for every operation in order, an ODE loop before its body, with its input's shape.
template <class Ops, class Visit>
void for_each_op(Ops& ops, Shape in, Visit&& visit) {
  for (auto& op : ops) {
    visit(op, in);
    if (auto* loop = std::get_if<Loop<std::remove_const_t<std::remove_reference_t<decltype(op)>>>>(&op.what))
      for_each_op(loop->body, in, visit);
    in = output_shape(op, in);
  }
}

// bad_input naming file and operation.
Error refuse_op(const std::string& origin, const std::string& name, const std::string& what,
                const std::string& hint = "the file is damaged");

// One entry of the list. Every reader throws bad_input naming file, operation and field.
class OpEntry {
 public:
  OpEntry(const Json& json, std::string origin);

  const std::string& name() const { return name_; }
  const Json& at(const char* field) const;
  void operator()(const char* field, int& value, int lo, int hi) const;
  void operator()(const char* field, bool& value) const;
  void operator()(const char* field, std::string& value, const std::vector<std::string>& choices) const;
  Error refuse(const std::string& what, const std::string& hint = "the file is damaged") const {
    return refuse_op(origin_, name_, what, hint);
  }
  const std::string& origin() const { return origin_; }

 private:
  const Json& json_;
  std::string origin_, name_;
};

// The JSON text `file.metadata[key]`. Throws bad_input naming file and key where it is missing or no JSON,
// holds a name twice, or is nested deeper or has more names in an object than any artifact: copying the one
// takes stack, an ordered object of the other quadratic time.
Json metadata_json(const SafeTensors& file, const std::string& key);

// The list in `file.metadata["ops"]`. Throws bad_input unless it is an array of 1 to kMaxOps objects whose
// names, inside loops too, are all different.
Json parse_op_list(const SafeTensors& file);

// The format that a file says it has; empty where it says none.
std::string artifact_format(const SafeTensors& file);

// The specification that every artifact carries. Throws bad_input with `remedy` where `file` is not of
// `format`.
ModelSpec read_artifact_spec(const SafeTensors& file, const char* format, const std::string& remedy);

template <class Op>
Json ops_to_json(const std::vector<Op>& ops) {
  Json list = Json::array();
  for (const Op& op : ops) {
    Json json{{"op", kind(op)}, {"name", op.name}};
    const auto write = [&](const char* name, const auto& value, auto&&...) { json[name] = value; };
    std::visit([&](const auto& what) { visit_fields(what, write); }, op.what);
    if (const auto* loop = std::get_if<Loop<Op>>(&op.what)) json["body"] = ops_to_json(loop->body);
    list.push_back(std::move(json));
  }
  return list;
}

template <class Variant, size_t... I>
Variant make_alternative(size_t index, std::index_sequence<I...>) {
  Variant what;
  ((index == I ? void(what.template emplace<I>()) : void()), ...);
  return what;
}

// `list` is what parse_op_list gives. Tensors are left empty.
template <class Op>
std::vector<Op> ops_from_json(const Json& list, const std::string& origin) {
  using What = decltype(Op::what);
  std::vector<Op> ops;
  for (const Json& json : list) {
    const OpEntry entry(json, origin);
    std::string name;
    entry("op", name, Op::kKinds);
    const auto index = static_cast<size_t>(std::ranges::find(Op::kKinds, name) - Op::kKinds.begin());
    Op op{entry.name(), make_alternative<What>(index, std::make_index_sequence<std::variant_size_v<What>>())};
    std::visit([&](auto& what) { visit_fields(what, entry); }, op.what);
    if (auto* loop = std::get_if<Loop<Op>>(&op.what))
      loop->body = ops_from_json<Op>(entry.at("body"), origin);
    ops.push_back(std::move(op));
  }
  return ops;
}

// A file of a few bytes must not ask for all memory: throws bad_input for a map beyond the limit.
template <class Op>
void check_map_sizes(const std::vector<Op>& ops, Shape in, const std::string& origin) {
  constexpr size_t kMaxMap = size_t{1} << 28;
  for_each_op(ops, in, [&](const Op& op, Shape shape) {
    const Shape out = output_shape(op, shape);
    if (out.size() > kMaxMap) throw refuse_op(origin, op.name, fmt::format("a map of {}", out.text()));
  });
}

}  // namespace dsode::ir
