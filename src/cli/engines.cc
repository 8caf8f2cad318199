#include "cli/engines.h"

#include "accel/driver.h"
#include "accel/image.h"
#include "accel/packet.h"
#include "accel/simulation.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/thread_pool.h"
#include "cli/inputs.h"
#include "ir/int_graph.h"
#include "run/session.h"
#ifdef DSODE_WITH_TORCH
#include "model/checkpoint.h"
#include "train/torch_engine.h"
#endif

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

// A model in src/run, on kernels where they cover it.
class SessionEngine : public eval::Engine {
 public:
  SessionEngine(const ir::SafeTensors& file, const run::SessionOptions& options) : session_(file, options) {
    if (!session_.uncovered().empty())
      spdlog::info("the scalar interpreter runs this model: the kernels do not cover {}",
                   session_.uncovered());
  }

  const ir::ModelSpec& spec() const { return session_.spec(); }

  eval::Outputs run(const data::Images& images) override {
    const auto n = static_cast<size_t>(images.n), classes = session_.spec().classes.size(),
               width = session_.features(), pixels = images.shape.size();
    eval::Outputs outputs{.n = images.n,
                          .classes = static_cast<int>(classes),
                          .width = static_cast<int>(width),
                          .logits = std::vector<float>(n * classes),
                          .features = std::vector<float>(n * width)};
    Progress progress("running", "images", images.n);
    const size_t most = kImagesAThread * static_cast<size_t>(session_.threads());
    for (size_t at = 0, count = 0; at < n; at += count) {
      count = std::min(most, n - at);
      session_.run(std::span(images.pixels).subspan(at * pixels, count * pixels),
                   std::span(outputs.logits).subspan(at * classes),
                   std::span(outputs.features).subspan(at * width));
      progress.advance(static_cast<int64_t>(count));
    }
    return outputs;
  }

 private:
  static constexpr size_t kImagesAThread = 16;  // between two steps of the progress bar
  run::Session session_;
};

// The accelerator's RTL behind its driver, one simulation a thread, which all take the model at once.
class SimEngine : public eval::Engine {
 public:
  SimEngine(const accel::Image& image, uint64_t seed, int threads)
      : classes_(image.program.classes),
        accelerators_(static_cast<size_t>(threads)),
        logit_scale_(image.graph.logit_scale),
        pool_(threads) {
    pool_.run(
        [&](int i) { accelerators_[static_cast<size_t>(i)] = std::make_unique<Accelerator>(image, seed); });
  }

  eval::Outputs run(const data::Images& images) override {
    const auto classes = static_cast<size_t>(classes_);
    eval::Outputs outputs{.n = images.n,
                          .classes = classes_,
                          .width = 0,
                          .logits = std::vector<float>(static_cast<size_t>(images.n) * classes),
                          .features = {}};
    Progress progress("running", "images", images.n);
    pool_.for_each(images.n, [&](int worker, int i) {
      accel::Driver& driver = accelerators_[static_cast<size_t>(worker)]->driver;
      run::to_logits(driver.run({accel::image_packet(images[i])}).front(), logit_scale_,
                     std::span(outputs.logits).subspan(static_cast<size_t>(i) * classes, classes));
      if (worker == 0) progress.advance(pool_.threads());
    });
    return outputs;
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

  int classes_;
  std::vector<std::unique_ptr<Accelerator>> accelerators_;
  double logit_scale_;
  ThreadPool pool_;
};

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
  return {"auto", "torch", "run", "bf16", "int8", "golden", "sim"};
#else
  return {"auto", "run", "bf16", "int8", "golden", "sim"};
#endif
}

Model open_model(const Globals& globals, const std::string& path, const std::string& engine,
                 bool batch_statistics) {
  if (engine == "sim" || accel::is_image(path)) return open_image(globals, path, engine, batch_statistics);
  const ir::SafeTensors file = run::load_artifact(path);
  const bool integer = ir::artifact_format(file) == ir::integer::kFormat;
  Model model{{}, engine, nullptr};
  if (engine == "auto") {
    model.engine_name = integer ? "int8" : "run";
#ifdef DSODE_WITH_TORCH
    if (ir::artifact_format(file) == ir::kCheckpointFormat) model.engine_name = "torch";
#endif
  }
  require_running_statistics(batch_statistics, model.engine_name);
  const bool golden = model.engine_name == "golden", int8 = golden || model.engine_name == "int8";
  if (integer && !int8)
    throw bad_input(fmt::format("{}: an integer model, which engine {} cannot run", file.origin, engine),
                    "use --engine int8, golden or auto");
#ifdef DSODE_WITH_TORCH
  if (model.engine_name == "torch") {
    torch::set_num_threads(threads(globals));
    model::Network network = model::load_checkpoint(file);
    model.spec = network->spec();
    model.engine = std::make_unique<train::TorchEngine>(
        network, batch_statistics ? model::Statistics::kBatch : model::Statistics::kRunning);
    return model;
  }
#endif
  auto session = std::make_unique<SessionEngine>(
      file, run::SessionOptions{.precision = int8                          ? "int8"
                                             : model.engine_name == "bf16" ? "bf16"
                                                                           : "fp32",
                                .threads = threads(globals),
                                .interpret = golden});
  model.spec = session->spec();
  model.engine = std::move(session);
  return model;
}

}  // namespace dsode::cli
