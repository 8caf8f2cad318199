// Writes integer models and the golden interpreter's traces of them, for the tests of other engines:
//   write_vectors DIR FIRST COUNT   generated ones: DIR/<seed>/model.safetensors and trace.safetensors
//   write_vectors DIR MODEL         a named one of random weights: DIR/model.safetensors, trace.safetensors,
//                                   and the floats it was made of, graph.safetensors
#include <cstdlib>
#include <filesystem>

#include "quant/calibrate.h"
#include "quant/fixture.h"
#include "quant/quantize.h"
#include "quant/trace.h"
#include "quant/vectors.h"

namespace {

namespace fs = std::filesystem;
using namespace dsode;  // NOLINT(google-build-using-namespace)

void write(const fs::path& dir, const ir::integer::Graph& model, const data::Images& images) {
  fs::create_directories(dir);
  ir::integer::save(dir, model);
  quant::Golden golden(model);
  ir::save_safetensors(dir / "trace.safetensors", quant::trace(golden, images));
}

void write_named(const fs::path& dir, const std::string& name) {
  const ir::Graph graph = quant::random_graph(ir::make_spec(name, {}));
  const data::UnlabelledSet set{"random", quant::random_images(graph.spec.input, 2)};
  const ir::integer::Bits bits;
  write(dir, quant::quantize(graph, quant::calibrate(graph, set, bits), bits), set.images);
  ir::save_graph(fs::path(dir) / "graph.safetensors", graph);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) {
    write_named(argv[1], argv[2]);
    return 0;
  }
  if (argc != 4) return 2;
  const uint64_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const quant::Vector vector = quant::make_vector(seed);
    write(fs::path(argv[1]) / std::to_string(seed), vector.model, vector.images);
  }
}
