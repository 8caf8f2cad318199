// Any bytes are a clear error or a float graph, from its own file or a checkpoint, that runs.
#include "base/error.h"
#include "ir/checkpoint_graph.h"
#include "ir/interpret.h"
#include "safetensors_mutator.h"
#include "work.h"

using namespace dsode;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const ir::Graph graph = ir::any_graph_from(ir::parse_safetensors({data, size}, "fuzz"));
    if (work(graph.ops, graph.spec.input) > kMostWork) return 0;
    ir::interpret(graph, ir::normalized(graph.spec, std::vector<uint8_t>(graph.spec.input.size(), 200)));
  } catch (const Error&) {
  }
  return 0;
}
