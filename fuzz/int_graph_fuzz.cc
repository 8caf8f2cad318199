// Any bytes are a clear error or an integer model: the same one after its file, and without an overflow on
// any image.
#include <cstdlib>

#include "base/error.h"
#include "quant/golden.h"
#include "safetensors_mutator.h"
#include "work.h"

using namespace dsode;
namespace integer = ir::integer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const integer::Graph graph = integer::from_file(ir::parse_safetensors({data, size}, "fuzz"));
    const ir::SafeTensors file = integer::to_file(graph), again = integer::to_file(integer::from_file(file));
    if (file.tensors != again.tensors || file.metadata != again.metadata) std::abort();
    if (work(graph.ops, graph.spec.input) > kMostWork) return 0;
    quant::Golden golden(graph);
    std::vector<int32_t> scores(graph.spec.classes.size());
    std::vector<uint8_t> pixels(graph.spec.input.size(), 255);
    golden.run(pixels, scores);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i * 37);
    golden.run(pixels, scores);
  } catch (const Error&) {
  }
  return 0;
}
