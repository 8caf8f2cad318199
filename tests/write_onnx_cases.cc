// Writes random models for tests/export_test.py, every family with every norm, time and solver:
//   write_onnx_cases DIR    DIR/<name>/model.onnx, expected.safetensors with pixels, logits and features of
//                           the scalar interpreter, and checkpoint.safetensors of what training can make
#include <filesystem>

#include "base/file.h"
#include "ir/fixture.h"
#include "ir/interpret.h"
#include "onnx/float_model.h"

namespace dsode {
namespace {

constexpr int kImages = 3;

void write_case(const std::filesystem::path& dir, const ir::Graph& graph, uint64_t seed) {
  const ir::ModelSpec& spec = graph.spec;
  std::filesystem::create_directories(dir);
  write_file(dir / "model.onnx", onnx::serialize(onnx::float_model(graph)));
  const int64_t size = static_cast<int64_t>(spec.input.size());
  std::vector<uint8_t> pixels(static_cast<size_t>(kImages * size));
  Rng rng(seed, Stream::kSample);
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(rng.below(256));
  ir::Floats logits, features;
  for (int i = 0; i < kImages; ++i) {
    const std::span image(pixels.data() + i * size, spec.input.size());
    const ir::Scores scores = ir::interpret(graph, ir::normalized(spec, image));
    logits.insert(logits.end(), scores.logits.begin(), scores.logits.end());
    features.insert(features.end(), scores.features.begin(), scores.features.end());
  }
  ir::SafeTensors expected;
  expected.tensors = {
      {"pixels", ir::Tensor::of<uint8_t>(pixels, {kImages, spec.input.h, spec.input.w, spec.input.c})},
      {"logits", ir::Tensor::of<float>(logits, {kImages, spec.classes_count()})},
      {"features", ir::Tensor::of<float>(features, {kImages, spec.widths.back()})}};
  ir::save_safetensors(dir / "expected.safetensors", expected);
}

ir::Graph write_case(const std::filesystem::path& dir, const ir::ModelSpec& spec, uint64_t seed) {
  const ir::SafeTensors checkpoint = ir::RandomCheckpoint(spec, seed).make();
  ir::Graph graph = ir::graph_from_checkpoint(checkpoint);
  write_case(dir, graph, seed);
  ir::save_safetensors(dir / "checkpoint.safetensors", checkpoint);
  return graph;
}

// Sides that are odd and differ, channels whose mean and deviation do.
ir::ModelSpec small(const std::string& model, ir::ModelOverrides overrides, int channels) {
  overrides.widths = std::vector{6, 8};
  overrides.input = std::vector{7, 10, channels};
  overrides.steps = 3;
  ir::ModelSpec spec = ir::make_spec(model, overrides);
  for (int c = 0; c < channels; ++c) {
    spec.normalization.mean[static_cast<size_t>(c)] = 0.3F + 0.1F * static_cast<float>(c);
    spec.normalization.std[static_cast<size_t>(c)] = 0.2F + 0.05F * static_cast<float>(c);
  }
  return spec;
}

void write_all(const std::filesystem::path& dir) {
  uint64_t seed = 0;
  for (const auto& family : ir::kFamilies)
    for (const auto& norm : ir::kNorms)
      for (const auto& time : ir::kTimes)
        for (const auto& solver : ode::solver_names()) {
          if (family == "resnet" && solver != "euler") continue;
          ++seed;
          ir::ModelOverrides overrides;
          overrides.norm = norm;
          overrides.time = time;
          overrides.solver = solver;
          overrides.step_control = "fixed";
          write_case(dir / fmt::format("{}-{}-{}-{}", family, norm, time, solver),
                     small(family + "-t", overrides, seed % 2 == 0 ? 1 : 3), seed);
        }
  write_case(dir / "dsodenet-t", ir::make_spec("dsodenet-t", {}), ++seed);
  ir::ModelOverrides large;
  large.stem = "conv7x7-pool";
  large.input = std::vector{33, 30, 3};
  large.widths = std::vector{6, 8};
  ir::Graph graph = write_case(dir / "large-stem", ir::make_spec("odenet-t", large), ++seed);
  // Of a graph file alone: a hidden layer in the head, as wide as its input.
  const int width = graph.spec.widths.back();
  ir::Linear hidden{width, ir::Floats(static_cast<size_t>(width * width), 0.1F),
                    ir::Floats(static_cast<size_t>(width), -0.2F)};
  for (int i = 0; i < width; ++i) hidden.weight[static_cast<size_t>(i * width + (i + 1) % width)] = 1;
  const std::vector<ir::Op> layers{{"head.hidden", std::move(hidden)}, {"head.hidden.relu", ir::Relu{}}};
  graph.ops.insert(graph.ops.end() - 1, layers.begin(), layers.end());
  write_case(dir / "hidden-layer", graph, ++seed);
}

}  // namespace
}  // namespace dsode

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  dsode::write_all(argv[1]);
}
