// Any bytes are a refusal with a reason or a model, float or integer, that runs an image behind the C API.
#include <cstdlib>
#include <vector>

#include "ir/checkpoint_graph.h"
#include "run/dsode/runtime.h"
#include "safetensors_mutator.h"
#include "work.h"

using namespace dsode;

// Whether the model in `bytes`, if there is one, is cheap enough to run.
static bool is_cheap(std::span<const uint8_t> bytes) {
  try {
    const ir::SafeTensors file = ir::parse_safetensors(bytes, "fuzz");
    const auto cheap = [](const auto& graph) { return work(graph.ops, graph.spec.input) <= kMostWork; };
    return ir::artifact_format(file) == ir::integer::kFormat ? cheap(ir::integer::from_file(file))
                                                             : cheap(ir::any_graph_from(file));
  } catch (const Error&) {
    return true;
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (!is_cheap({data, size})) return 0;
  const dsode_options options{sizeof options, DSODE_AUTO, 2};
  dsode_model* model = nullptr;
  if (dsode_load_memory(data, size, &options, &model) != DSODE_OK) {
    if (model || *dsode_error() == '\0') std::abort();
    return 0;
  }
  const dsode_info* info = dsode_get_info(model);
  std::vector<uint8_t> pixels(static_cast<size_t>(info->height) * info->width * info->channels);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i * 37);
  const std::vector<float> floats(pixels.begin(), pixels.end());
  std::vector<float> scores(static_cast<size_t>(info->classes)), again(scores.size());
  if (dsode_run_u8(model, 1, pixels.data(), pixels.size(), scores.data(), scores.size()) != DSODE_OK ||
      dsode_run_f32(model, 1, floats.data(), floats.size(), again.data(), again.size()) != DSODE_OK)
    std::abort();
  if (std::memcmp(scores.data(), again.data(), scores.size() * sizeof(float)) != 0) std::abort();
  dsode_free(model);
  return 0;
}
