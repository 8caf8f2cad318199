#include "ir/graph.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/names.h"
#include "ir/op_list.h"

namespace dsode::ir {

namespace {

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

const std::vector<std::string> kKinds{"conv", "dwconv",   "pwconv",    "affine", "group_norm",
                                      "relu", "max_pool", "mean_pool", "linear", "ode_loop"};

int strided(int side, int stride) { return (side + stride - 1) / stride; }

// The fields of an operation besides kind, name and tensors: one list for writing and reading.
template <class What, class Field>
void visit_fields(What& what, Field&& field) {
  using Plain = std::remove_const_t<What>;
  if constexpr (std::is_same_v<Plain, Conv>) {
    field("size", what.size, 1, 7);
    field("stride", what.stride, 1, 2);
    field("out", what.out, 1, kMaxWidth);
    field("timed", what.timed);
  } else if constexpr (std::is_same_v<Plain, DwConv>) {
    field("stride", what.stride, 1, 2);
  } else if constexpr (std::is_same_v<Plain, PwConv>) {
    field("out", what.out, 1, kMaxWidth);
    field("timed", what.timed);
  } else if constexpr (std::is_same_v<Plain, Affine>) {
    field("rows", what.rows, 1, kMaxRows);
  } else if constexpr (std::is_same_v<Plain, GroupNorm>) {
    field("groups", what.groups, 1, kMaxWidth);
  } else if constexpr (std::is_same_v<Plain, Linear>) {
    field("out", what.out, 1, kMaxClasses);
  } else if constexpr (std::is_same_v<Plain, OdeLoop>) {
    field("solver", what.solver);
    field("steps", what.steps, 1, kMaxSteps);
  }
}

struct WriteField {
  Json& json;
  template <class T, class... Bounds>
  void operator()(const char* name, const T& value, Bounds...) const {
    json[name] = value;
  }
};

struct ReadField {
  const OpEntry& entry;
  void operator()(const char* name, int& value, int lo, int hi) const { value = entry.number(name, lo, hi); }
  void operator()(const char* name, bool& value) const { value = entry.flag(name); }
  void operator()(const char* name, std::string& value) const { value = entry.text(name); }
};

Json op_list(const std::vector<Op>& ops) {
  Json list = Json::array();
  for (const Op& op : ops) {
    Json json{{"op", kind(op)}, {"name", op.name}};
    std::visit([&](const auto& what) { visit_fields(what, WriteField{json}); }, op.what);
    if (const auto* loop = std::get_if<OdeLoop>(&op.what)) json["body"] = op_list(loop->body);
    list.push_back(std::move(json));
  }
  return list;
}

template <size_t... I>
auto make_kind(size_t index, std::index_sequence<I...>) {
  decltype(Op::what) what;
  ((index == I ? void(what.emplace<I>()) : void()), ...);
  return what;
}

void check_loop(const OpEntry& entry, const OdeLoop& loop) {
  const auto names = ode::solver_names();
  if (std::ranges::find(names, loop.solver) == names.end())
    throw entry.refuse(fmt::format("solver: unknown value '{}'", loop.solver),
                       unknown_name_hint(loop.solver, names));
}

std::vector<Op> read_ops(const Json& list, const SafeTensors& file) {
  std::vector<Op> ops;
  for (const Json& json : list) {
    const OpEntry entry(json, file.origin);
    const std::string name = entry.text("op");
    const auto found = std::ranges::find(kKinds, name);
    if (found == kKinds.end())
      throw entry.refuse(fmt::format("op: unknown value '{}'", name), unknown_name_hint(name, kKinds));
    Op op{entry.name(), make_kind(static_cast<size_t>(found - kKinds.begin()),
                                  std::make_index_sequence<std::variant_size_v<decltype(Op::what)>>())};
    std::visit([&](auto& what) { visit_fields(what, ReadField{entry}); }, op.what);
    if (auto* loop = std::get_if<OdeLoop>(&op.what)) {
      check_loop(entry, *loop);
      loop->body = read_ops(entry.list("body"), file);
    }
    ops.push_back(std::move(op));
  }
  return ops;
}

// What an operation needs of its input beyond the sizes of its tensors.
void check_op(const Op& op, Shape in, int evaluations, const std::string& origin) {
  const auto require = [&](bool ok, const std::string& what) {
    if (!ok)
      throw bad_input(fmt::format("{}: operation {:?}: {}", origin, op.name, what), "the file is damaged");
  };
  std::visit(
      Match{[&](const Affine& affine) {
              require(affine.rows == 1 || affine.rows == evaluations,
                      fmt::format("rows: {} for {} evaluations", affine.rows, evaluations));
            },
            [&](const GroupNorm& norm) {
              require(in.c % norm.groups == 0, fmt::format("groups: {} of {} channels", norm.groups, in.c));
            },
            [&](const OdeLoop& loop) {
              Shape shape = in;
              for (const Op& inner : loop.body) {
                check_op(inner, shape, loop.evaluations(), origin);
                shape = output_shape(inner, shape);
              }
              require(shape == in, fmt::format("body: turns a map of {} into {}", in.text(), shape.text()));
            },
            [&](const Linear&) {
              require(in.h == 1 && in.w == 1, fmt::format("its input is a map of {}x{}", in.h, in.w));
            },
            [&](const auto&) {}},
      op.what);
}

// A file of a few bytes must not ask for all memory.
constexpr size_t kMaxMap = size_t{1} << 28;

void check_graph(const Graph& graph, const std::string& origin) {
  for_each_op(graph.ops, graph.spec.input, [&](const Op& op, Shape in) {
    if (output_shape(op, in).size() > kMaxMap)
      throw bad_input(
          fmt::format("{}: operation {:?}: a map of {}", origin, op.name, output_shape(op, in).text()),
          "the file is damaged");
  });
  Shape shape = graph.spec.input;
  for (const Op& op : graph.ops) {
    check_op(op, shape, 1, origin);
    shape = output_shape(op, shape);
  }
  if (shape != Shape{1, 1, graph.spec.classes_count()} ||
      !std::holds_alternative<Linear>(graph.ops.back().what))
    throw bad_input(fmt::format("{}: ops: the last one gives {}, not one score for each of {} classes",
                                origin, shape.text(), graph.spec.classes_count()),
                    "the file is damaged");
}

void load_tensors(Op& op, Shape in, const SafeTensors& file) {
  visit_tensors(op, in.c, [&](const char* field, Floats& values, const std::vector<int64_t>& shape) {
    const std::string name = op.name + "." + field;
    const auto stored = file.at(name, DType::kF32, shape).as<float>();
    for (size_t i = 0; i < stored.size(); ++i)
      if (!std::isfinite(stored[i]))
        throw bad_input(
            fmt::format("{}: tensor '{}' holds {} at element {}", file.origin, name, stored[i], i),
            "the file is damaged");
    values.assign(stored.begin(), stored.end());
  });
}

template <class Ops, class Visit>
void walk(Ops& ops, Shape in, const Visit& visit) {
  for (auto& op : ops) {
    visit(op, in);
    if (auto* loop = std::get_if<OdeLoop>(&op.what)) walk(loop->body, in, visit);
    in = output_shape(op, in);
  }
}

}  // namespace

const char* kind(const Op& op) { return kKinds[op.what.index()].c_str(); }

Shape output_shape(const Op& op, Shape in) {
  return std::visit(Match{[&](const Conv& conv) {
                            return Shape{strided(in.h, conv.stride), strided(in.w, conv.stride), conv.out};
                          },
                          [&](const DwConv& conv) {
                            return Shape{strided(in.h, conv.stride), strided(in.w, conv.stride), in.c};
                          },
                          [&](const PwConv& conv) {
                            return Shape{in.h, in.w, conv.out};
                          },
                          [&](const MaxPool&) {
                            return Shape{strided(in.h, 2), strided(in.w, 2), in.c};
                          },
                          [&](const MeanPool&) {
                            return Shape{1, 1, in.c};
                          },
                          [&](const Linear& linear) {
                            return Shape{1, 1, linear.out};
                          },
                          [&](const auto&) { return in; }},
                    op.what);
}

void for_each_op(const std::vector<Op>& ops, Shape in, const std::function<void(const Op&, Shape)>& visit) {
  walk(ops, in, visit);
}

void for_each_op(std::vector<Op>& ops, Shape in, const std::function<void(Op&, Shape)>& visit) {
  walk(ops, in, visit);
}

void save_graph(const std::filesystem::path& path, const Graph& graph) {
  SafeTensors file;
  file.metadata = {
      {"format", kGraphFormat}, {"spec", to_json(graph.spec).dump()}, {"ops", op_list(graph.ops).dump()}};
  for_each_op(graph.ops, graph.spec.input, [&](const Op& op, Shape in) {
    visit_tensors(op, in.c, [&](const char* field, const Floats& values, const std::vector<int64_t>& shape) {
      file.tensors[op.name + "." + field] = Tensor::of(std::span(values), shape);
    });
  });
  save_safetensors(path, file);
}

Graph graph_from(const SafeTensors& file) {
  Graph graph{read_artifact_spec(file, kGraphFormat, "name a file that `dsodenet export --format ir` wrote"),
              read_ops(parse_op_list(file), file)};
  check_graph(graph, file.origin);
  for_each_op(graph.ops, graph.spec.input, [&](Op& op, Shape in) { load_tensors(op, in, file); });
  return graph;
}

Graph load_graph(const std::filesystem::path& path) { return graph_from(load_safetensors(path)); }

}  // namespace dsode::ir
