// Writes generated integer models and the golden interpreter's traces of them, for tests/numerics_test.py:
//   write_vectors DIR FIRST COUNT   DIR/<seed>/model.safetensors and trace.safetensors
#include <cstdlib>
#include <filesystem>

#include "quant/trace.h"
#include "quant/vectors.h"

int main(int argc, char** argv) {
  using namespace dsode;
  if (argc != 4) return 2;
  const uint64_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const std::filesystem::path dir = std::filesystem::path(argv[1]) / std::to_string(seed);
    std::filesystem::create_directories(dir);
    const quant::Vector vector = quant::make_vector(seed);
    ir::integer::save(dir, vector.model);
    quant::Golden golden(vector.model);
    ir::save_safetensors(dir / "trace.safetensors", quant::trace(golden, vector.images));
  }
}
