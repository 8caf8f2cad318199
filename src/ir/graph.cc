#include "ir/graph.h"

#include "base/error.h"

namespace dsode::ir {

namespace {

// What an operation needs of its input beyond the sizes of its tensors.
void check_op(const Op& op, Shape in, int evaluations, const std::string& origin) {
  const auto require = [&](bool ok, const std::string& what) {
    if (!ok) throw refuse_op(origin, op.name, what);
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

void check_graph(const Graph& graph, const std::string& origin) {
  check_map_sizes(graph.ops, graph.spec.input, origin);
  Shape shape = graph.spec.input;
  int channels = 0;  // that the last one reads
  for (const Op& op : graph.ops) {
    check_op(op, shape, 1, origin);
    channels = shape.c;
    shape = output_shape(op, shape);
  }
  if (shape != Shape{1, 1, graph.spec.classes_count()} ||
      !std::holds_alternative<Linear>(graph.ops.back().what))
    throw bad_input(fmt::format("{}: ops: the last one gives {}, not one score for each of {} classes",
                                origin, shape.text(), graph.spec.classes_count()),
                    "the file is damaged");
  // Who runs the graph makes room for its features by the specification.
  if (channels != graph.spec.widths.back())
    throw refuse_op(origin, graph.ops.back().name,
                    fmt::format("{} channels to read, widths end in {}", channels, graph.spec.widths.back()));
}

void load_tensors(Op& op, Shape in, const SafeTensors& file) {
  visit_tensors(op, in.c, [&](const char* field, Floats& values, const std::vector<int64_t>& shape) {
    const auto stored = file.finite(op.name + "." + field, shape);
    values.assign(stored.begin(), stored.end());
  });
}

}  // namespace

const std::vector<std::string> Op::kKinds{"conv", "dwconv",   "pwconv",    "affine", "group_norm",
                                          "relu", "max_pool", "mean_pool", "linear", "ode_loop"};

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

std::map<std::string, Op*> ops_by_name(Graph& graph) {
  std::map<std::string, Op*> ops;
  for_each_op(graph.ops, graph.spec.input, [&](Op& op, Shape) { ops[op.name] = &op; });
  return ops;
}

void save_graph(const std::filesystem::path& path, const Graph& graph) {
  SafeTensors file;
  file.metadata = {
      {"format", kGraphFormat}, {"spec", to_json(graph.spec).dump()}, {"ops", ops_to_json(graph.ops).dump()}};
  for_each_op(graph.ops, graph.spec.input, [&](const Op& op, Shape in) {
    visit_tensors(op, in.c, [&](const char* field, const Floats& values, const std::vector<int64_t>& shape) {
      file.tensors[op.name + "." + field] = Tensor::of(std::span(values), shape);
    });
  });
  save_safetensors(path, file);
}

Graph graph_from(const SafeTensors& file) {
  Graph graph{read_artifact_spec(file, kGraphFormat, "name a file that `dsodenet export --format ir` wrote"),
              ops_from_json<Op>(parse_op_list(file), file.origin)};
  check_graph(graph, file.origin);
  for_each_op(graph.ops, graph.spec.input, [&](Op& op, Shape in) { load_tensors(op, in, file); });
  return graph;
}

Graph load_graph(const std::filesystem::path& path) { return graph_from(load_safetensors(path)); }

}  // namespace dsode::ir
