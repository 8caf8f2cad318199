#include "ir/int_graph.h"

#include "base/error.h"
#include "ir/checkpoint_graph.h"

namespace dsode::ir::integer {

namespace {

// Bits and logit scale, in the metadata's "numbers".
Json numbers(const Graph& graph) {
  return {{"weight_bits", graph.bits.weight},
          {"activation_bits", graph.bits.activation},
          {"state_bits", graph.bits.state},
          {"logit_scale", graph.logit_scale}};
}

void read_numbers(const SafeTensors& file, Graph& graph) {
  const auto refuse = [&](const char* field, const std::string& what) {
    return bad_input(fmt::format("{}: metadata: numbers: {}: {}", file.origin, field, what),
                     "the file is damaged");
  };
  const Json json = metadata_json(file, "numbers");
  const auto bits = [&](const char* field, int& value, int lo, int hi) {
    if (!json.contains(field) || !json[field].is_number_unsigned() ||
        json[field].get<uint64_t>() < unsigned(lo) || json[field].get<uint64_t>() > unsigned(hi))
      throw refuse(field, fmt::format("not a whole number from {} to {}", lo, hi));
    value = json[field].get<int>();
  };
  bits("weight_bits", graph.bits.weight, 2, 8);
  bits("activation_bits", graph.bits.activation, 2, 8);
  bits("state_bits", graph.bits.state, 8, 16);
  if (!json.contains("logit_scale") || !json["logit_scale"].is_number())
    throw refuse("logit_scale", "not a number");
  graph.logit_scale = json["logit_scale"].get<double>();
}

}  // namespace

const std::vector<std::string> Op::kKinds{"conv", "affine", "dwconv", "pwconv", "pool", "linear", "ode_loop"};

Shape output_shape(const Op& op, Shape in) {
  return std::visit(Match{[&](const Conv& conv) {
                            return Shape{in.h, in.w, conv.out};
                          },
                          [&](const DwConv& conv) {
                            return Shape{strided(in.h, conv.stride), strided(in.w, conv.stride), in.c};
                          },
                          [&](const PwConv& conv) {
                            return Shape{in.h, in.w, conv.out};
                          },
                          [&](const Pool&) {
                            return Shape{1, 1, in.c};
                          },
                          [&](const Linear& linear) {
                            return Shape{1, 1, linear.out};
                          },
                          [&](const auto&) { return in; }},
                    op.what);
}

SafeTensors to_file(const Graph& graph) {
  SafeTensors file;
  file.metadata = {{"format", kFormat},
                   {"spec", to_json(graph.spec).dump()},
                   {"numbers", numbers(graph).dump()},
                   {"ops", ops_to_json(graph.ops).dump()}};
  for_each_op(graph.ops, graph.spec.input, [&](const Op& op, Shape in) {
    visit_tensors(op, in.c, [&](const char* field, const auto& values, const std::vector<int64_t>& shape) {
      file.tensors[op.name + "." + field] = Tensor::of(std::span(values), shape);
    });
  });
  return file;
}

Graph from_file(const SafeTensors& file) {
  Graph graph;
  graph.spec = read_artifact_spec(file, kFormat, kRemedy);
  read_numbers(file, graph);
  graph.ops = ops_from_json<Op>(parse_op_list(file), file.origin);
  check_map_sizes(graph.ops, graph.spec.input, file.origin);
  for_each_op(graph.ops, graph.spec.input, [&](Op& op, Shape in) {
    visit_tensors(op, in.c, [&](const char* field, auto& values, const std::vector<int64_t>& shape) {
      using T = typename std::remove_reference_t<decltype(values)>::value_type;
      const auto stored = file.at(op.name + "." + field, dtype_of<T>(), shape).template as<T>();
      values.assign(stored.begin(), stored.end());
    });
  });
  check(graph, file.origin);
  return graph;
}

void save(const std::filesystem::path& dir, const Graph& graph) {
  save_safetensors(dir / kFileName, to_file(graph));
}

Graph load(const std::filesystem::path& path) {
  return from_file(load_safetensors(artifact_file(path, kFileName, kRemedy)));
}

}  // namespace dsode::ir::integer
