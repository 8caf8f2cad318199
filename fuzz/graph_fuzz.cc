// Any bytes are a clear error or a float graph, from its own file or a checkpoint, that runs.
#include <spdlog/spdlog.h>

#include "base/error.h"
#include "ir/checkpoint_graph.h"
#include "ir/interpret.h"
#include "safetensors_mutator.h"

namespace {

using namespace dsode;

// Multiply-accumulates of an image, above rather than below.
double work(const std::vector<ir::Op>& ops, Shape in) {
  double sum = 0;
  for (const ir::Op& op : ops) {
    const Shape out = ir::output_shape(op, in);
    if (const auto* loop = std::get_if<ir::OdeLoop>(&op.what))
      sum += loop->evaluations() * (work(loop->body, in) + 8.0 * static_cast<double>(in.size()));
    else
      sum += 49.0 * in.c * static_cast<double>(in.size() + out.size());
    in = out;
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  spdlog::set_level(spdlog::level::off);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const ir::Graph graph = ir::any_graph_from(ir::parse_safetensors({data, size}, "fuzz"));
    if (work(graph.ops, graph.spec.input) > 1e7) return 0;
    ir::interpret(graph, ir::normalized(graph.spec, std::vector<uint8_t>(graph.spec.input.size(), 200)));
  } catch (const Error&) {
  }
  return 0;
}
