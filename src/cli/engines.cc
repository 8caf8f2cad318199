#include "cli/engines.h"

#include "base/error.h"
#include "base/names.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "cli/inputs.h"
#include "ir/checkpoint_graph.h"
#include "ir/int_graph.h"
#include "ir/interpret.h"
#include "quant/golden.h"
#ifdef DSODE_WITH_TORCH
#include "model/checkpoint.h"
#include "train/torch_engine.h"
#endif

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

// Runs images one by one on several threads.
class ImageEngine : public eval::Engine {
 public:
  ImageEngine(const ir::ModelSpec& spec, int threads)
      : classes_(spec.classes_count()), width_(spec.widths.back()), threads_(threads) {}

  eval::Outputs run(const data::Images& images) override {
    const auto n = static_cast<size_t>(images.n), classes = static_cast<size_t>(classes_),
               width = static_cast<size_t>(width_);
    eval::Outputs outputs{.n = images.n, .classes = classes_, .width = width_, .logits = {}, .features = {}};
    outputs.logits.resize(n * classes);
    outputs.features.resize(n * width);
    Progress progress("running", "images", images.n);
    parallel_for(images.n, threads_, [&](int worker, int i) {
      run_one(worker, images[i], std::span(outputs.logits).subspan(static_cast<size_t>(i) * classes, classes),
              std::span(outputs.features).subspan(static_cast<size_t>(i) * width, width));
      if (worker == 0) progress.advance(threads_);
    });
    return outputs;
  }

 protected:
  virtual void run_one(int worker, std::span<const uint8_t> image, std::span<float> logits,
                       std::span<float> features) = 0;

 private:
  int classes_, width_, threads_;
};

class GraphEngine : public ImageEngine {
 public:
  GraphEngine(ir::Graph graph, int threads) : ImageEngine(graph.spec, threads), graph_(std::move(graph)) {}

 protected:
  void run_one(int, std::span<const uint8_t> image, std::span<float> logits,
               std::span<float> features) override {
    const ir::Scores scores = ir::interpret(graph_, ir::normalized(graph_.spec, image));
    std::ranges::copy(scores.logits, logits.begin());
    std::ranges::copy(scores.features, features.begin());
  }

 private:
  ir::Graph graph_;
};

class GoldenEngine : public ImageEngine {
 public:
  GoldenEngine(const ir::integer::Graph& graph, const std::string& origin, int threads)
      : ImageEngine(graph.spec, threads), logit_scale_(graph.logit_scale) {
    for (int worker = 0; worker < threads; ++worker) workers_.emplace_back(graph, origin);
  }

 protected:
  void run_one(int worker, std::span<const uint8_t> image, std::span<float> logits,
               std::span<float> features) override {
    quant::Golden& golden = workers_[static_cast<size_t>(worker)];
    std::vector<int32_t> scores(logits.size());
    golden.run(image, scores);
    // From the largest down: a float would round large scores of almost one size to the same.
    const int64_t top = *std::ranges::max_element(scores);
    for (size_t k = 0; k < scores.size(); ++k)
      logits[k] = static_cast<float>(logit_scale_ * static_cast<double>(scores[k] - top));
    std::ranges::copy(golden.pooled().first(features.size()), features.begin());
  }

 private:
  std::vector<quant::Golden> workers_;
  double logit_scale_;
};

// The file that `path` means: of a folder the integer model, or else the best checkpoint.
fs::path model_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path / ir::integer::kFileName, ignored)) return path / ir::integer::kFileName;
  return ir::artifact_file(path, "best.safetensors", ir::kCheckpointRemedy);
}

void check_format(const ir::SafeTensors& file, const std::string& format) {
  const std::vector<std::string> known{ir::kCheckpointFormat, ir::kGraphFormat, ir::integer::kFormat};
  if (std::ranges::find(known, format) == known.end())
    throw bad_input(
        fmt::format("{}: metadata: format is {}", file.origin, format.empty() ? "missing" : format),
        unknown_name_hint(format, known));
}

}  // namespace

std::vector<std::string> engine_names() {
#ifdef DSODE_WITH_TORCH
  return {"auto", "torch", "run", "golden"};
#else
  return {"auto", "run", "golden"};
#endif
}

Model open_model(const Globals& globals, const std::string& path, const std::string& engine,
                 bool batch_statistics) {
  const ir::SafeTensors file = ir::load_safetensors(model_file(path));
  const std::string format = ir::artifact_format(file);
  check_format(file, format);
  const int workers = threads(globals);
  Model model{{}, engine, nullptr};
  if (engine == "auto") {
    model.engine_name = format == ir::integer::kFormat ? "golden" : "run";
#ifdef DSODE_WITH_TORCH
    if (format == ir::kCheckpointFormat) model.engine_name = "torch";
#endif
  }
  if (batch_statistics && model.engine_name != "torch")
    throw bad_input(fmt::format("--statistics batch: engine {} has none", model.engine_name),
                    "evaluate the checkpoint with --engine torch");
  if (format == ir::integer::kFormat && model.engine_name != "golden")
    throw bad_input(fmt::format("{}: an integer model, which engine {} cannot run", file.origin, engine),
                    "use --engine golden, or auto");
  if (model.engine_name == "golden") {
    const ir::integer::Graph graph = ir::integer::from_file(file);
    model.spec = graph.spec;
    model.engine = std::make_unique<GoldenEngine>(graph, file.origin, workers);
#ifdef DSODE_WITH_TORCH
  } else if (model.engine_name == "torch") {
    torch::set_num_threads(workers);
    model::Network network = model::load_checkpoint(file);
    model.spec = network->spec();
    model.engine = std::make_unique<train::TorchEngine>(
        network, batch_statistics ? model::Statistics::kBatch : model::Statistics::kRunning);
#endif
  } else {
    ir::Graph graph = ir::any_graph_from(file);
    model.spec = graph.spec;
    model.engine = std::make_unique<GraphEngine>(std::move(graph), workers);
  }
  return model;
}

}  // namespace dsode::cli
