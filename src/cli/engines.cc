#include "cli/engines.h"

#include "accel/driver.h"
#include "accel/image.h"
#include "accel/packet.h"
#include "accel/simulation.h"
#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "cli/inputs.h"
#include "ir/checkpoint_graph.h"
#include "ir/int_graph.h"
#include "ir/interpret.h"
#include "quant/golden.h"
#include "run/executor.h"
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
  // `width` of the pooled features, 0 where the engine has none to show.
  ImageEngine(int classes, int width, int threads) : classes_(classes), width_(width), threads_(threads) {}

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

// A float graph on the kernels, or where they do not cover it in the interpreter.
class GraphEngine : public ImageEngine {
 public:
  GraphEngine(ir::Graph graph, int threads)
      : ImageEngine(graph.spec.classes_count(), graph.spec.widths.back(), threads), graph_(std::move(graph)) {
    std::string reason;
    executor_ = run::Executor::plan(graph_, reason);
    if (!executor_)
      spdlog::info("the scalar interpreter runs this model: the kernels do not cover {}", reason);
    for (int worker = 0; executor_ && worker < threads; ++worker) arenas_.push_back(executor_->arena());
  }

 protected:
  void run_one(int worker, std::span<const uint8_t> image, std::span<float> logits,
               std::span<float> features) override {
    if (executor_) return executor_->run(image, arenas_[static_cast<size_t>(worker)], logits, features);
    const ir::Scores scores = ir::interpret(graph_, ir::normalized(graph_.spec, image));
    std::ranges::copy(scores.logits, logits.begin());
    std::ranges::copy(scores.features, features.begin());
  }

 private:
  ir::Graph graph_;
  std::optional<run::Executor> executor_;
  std::vector<run::Executor::Arena> arenas_;
};

// Integer scores in units of `scale`, counted from the largest down: a float would round large scores of
// almost one size to the same.
void to_logits(std::span<const int32_t> scores, double scale, std::span<float> logits) {
  const int64_t top = *std::ranges::max_element(scores);
  for (size_t k = 0; k < scores.size(); ++k)
    logits[k] = static_cast<float>(scale * static_cast<double>(scores[k] - top));
}

class GoldenEngine : public ImageEngine {
 public:
  GoldenEngine(const ir::integer::Graph& graph, const std::string& origin, int threads)
      : ImageEngine(graph.spec.classes_count(), graph.spec.widths.back(), threads),
        logit_scale_(graph.logit_scale) {
    for (int worker = 0; worker < threads; ++worker) workers_.emplace_back(graph, origin);
  }

 protected:
  void run_one(int worker, std::span<const uint8_t> image, std::span<float> logits,
               std::span<float> features) override {
    quant::Golden& golden = workers_[static_cast<size_t>(worker)];
    std::vector<int32_t> scores(logits.size());
    golden.run(image, scores);
    to_logits(scores, logit_scale_, logits);
    std::ranges::copy(golden.pooled().first(features.size()), features.begin());
  }

 private:
  std::vector<quant::Golden> workers_;
  double logit_scale_;
};

// The accelerator's RTL behind its driver, one simulation a thread, which all take the model at once.
class SimEngine : public ImageEngine {
 public:
  SimEngine(const accel::Image& image, uint64_t seed, int threads)
      : ImageEngine(image.program.classes, 0, threads),
        accelerators_(static_cast<size_t>(threads)),
        logit_scale_(image.graph.logit_scale) {
    parallel_for(threads, threads, [&](int, int i) {
      accelerators_[static_cast<size_t>(i)] = std::make_unique<Accelerator>(image, seed);
    });
  }

 protected:
  void run_one(int worker, std::span<const uint8_t> image, std::span<float> logits,
               std::span<float>) override {
    accel::Driver& driver = accelerators_[static_cast<size_t>(worker)]->driver;
    to_logits(driver.run({accel::image_packet(image)}).front(), logit_scale_, logits);
  }

 private:
  struct Accelerator {
    accel::Simulation simulation;
    accel::Driver driver;

    Accelerator(const accel::Image& image, uint64_t seed)
        : simulation(image.program.target.name, {.seed = seed, .stall = 0, .wave = {}}),
          driver(simulation, image.program.target) {
      driver.load(image.packet);
    }
  };

  std::vector<std::unique_ptr<Accelerator>> accelerators_;
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

void require_running_statistics(bool batch_statistics, const std::string& engine) {
  if (batch_statistics && engine != "torch")
    throw bad_input(fmt::format("--statistics batch: engine {} has none", engine),
                    "evaluate the checkpoint with --engine torch");
}

Model open_image(const Globals& globals, const fs::path& dir, const std::string& engine,
                 bool batch_statistics) {
  if (engine != "sim" && engine != "auto")
    throw bad_input(
        fmt::format("{}: an accelerator image, which engine {} does not run", dir.string(), engine),
        fmt::format("use --engine sim, or auto; the integer model in it is {}",
                    (dir / ir::integer::kFileName).string()));
  require_running_statistics(batch_statistics, "sim");
  const accel::Image image = accel::load_image(dir);
  return {.spec = image.graph.spec,
          .engine_name = "sim",
          .engine = std::make_unique<SimEngine>(image, globals.seed, threads(globals))};
}

}  // namespace

std::vector<std::string> engine_names() {
#ifdef DSODE_WITH_TORCH
  return {"auto", "torch", "run", "golden", "sim"};
#else
  return {"auto", "run", "golden", "sim"};
#endif
}

Model open_model(const Globals& globals, const std::string& path, const std::string& engine,
                 bool batch_statistics) {
  if (engine == "sim" || accel::is_image(path)) return open_image(globals, path, engine, batch_statistics);
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
  require_running_statistics(batch_statistics, model.engine_name);
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
