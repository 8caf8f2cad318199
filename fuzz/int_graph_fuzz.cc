// Any bytes are a clear error or an integer model: the same one after its file, and without an overflow on
// any image.
#include <cstdlib>

#include "base/error.h"
#include "quant/golden.h"
#include "safetensors_mutator.h"

namespace {

using namespace dsode;
namespace integer = ir::integer;

// Multiply-accumulates of an image, above rather than below.
double work(const std::vector<integer::Op>& ops, Shape in) {
  double sum = 0;
  for (const integer::Op& op : ops) {
    const Shape out = integer::output_shape(op, in);
    if (const auto* loop = std::get_if<integer::OdeLoop>(&op.what))
      sum += loop->evaluations() * work(loop->body, in);
    else
      sum += 9.0 * in.c * static_cast<double>(in.size() + out.size());
    in = out;
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const integer::Graph graph = integer::from_file(ir::parse_safetensors({data, size}, "fuzz"));
    const ir::SafeTensors file = integer::to_file(graph), again = integer::to_file(integer::from_file(file));
    if (file.tensors != again.tensors || file.metadata != again.metadata) std::abort();
    if (work(graph.ops, graph.spec.input) > 1e7) return 0;
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
