// dsodenet train: supervised training on a labelled source set.
#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/report_parts.h"
#include "cli/train_report.h"
#include "cli/training_inputs.h"
#include "cli/verbs.h"
#include "eval/metrics.h"
#include "ir/cost.h"
#include "model/checkpoint.h"
#include "train/trainer.h"

namespace dsode::cli {

namespace {

class Train : public Verb {
 public:
  std::string name() const override { return "train"; }
  std::string help() const override { return "train a model on a labelled source set"; }
  void declare(OptionSet& options) override { options_.declare(options); }

  std::string default_out() const override { return "runs/" + options_.model; }

  Json run(const Globals& globals) override {
    setup_torch(globals);
    train::validate(options_);
    train::validate(options_);
    const train::RunFolder folder(globals.out_or(default_out()));
    const bool resume = globals.resume && std::filesystem::exists(folder.last());
    if (globals.resume && !resume && std::filesystem::exists(folder.config()))
      spdlog::info("{}: nothing saved yet, starting from the beginning", folder.dir().string());
    make_output_dir(folder.dir(), globals.resume || globals.force);
    const data::LabelledSet source = load(globals);
    const ir::ModelSpec spec = train::spec_for(options_, source);
    if (!resume) start_run(folder, globals, config(globals));

    const train::TrainResult result = train::train(
        options_, {.seed = globals.seed, .device = globals.device, .resume = resume}, source, folder);
    const Json json = results(globals, result, ir::cost(spec));
    write_file(folder.results(), json.dump(2) + "\n");
    report(globals, folder, source, result);
    const eval::Interval interval = eval::wilson(result.validation_right, result.validation_images);
    fmt::print(
        "{}  {:.2f} % on {} held-out source images (95 %: {:.2f} to {:.2f}), {:.0f} images/s\n{}\n{}\n",
        options_.model, result.accuracy, result.validation_images, interval.lo, interval.hi,
        result.images_per_second, folder.best().string(), folder.report().string());
    return json;
  }

 private:
  data::LabelledSet load(const Globals& globals) const {
    data::LoadOptions load = globals.load(data::Split::kTrain);
    load.shape = ir::make_spec(options_.model, options_.overrides).input;
    load.limit = options_.limit;
    return data::load_labelled(options_.data, load);
  }

  Json results(const Globals& globals, const train::TrainResult& result, const ir::ModelCost& cost) const {
    return {{"model", options_.model},
            {"data", options_.data},
            {"accuracy", result.accuracy},
            {"best_epoch", result.best_epoch},
            {"epochs", result.epochs},
            {"seconds", result.seconds},
            {"images_per_second", result.images_per_second},
            {"peak_rss_mb", train::peak_rss_mb()},
            {"params", cost.params},
            {"params_core", cost.params_core},
            {"seed", globals.seed}};
  }

  void report(const Globals& globals, const train::RunFolder& folder, const data::LabelledSet& source,
              const train::TrainResult& result) {
    model::Network best = model::load_checkpoint(folder.best());
    const adapt::Source parts = split_source(source, {globals.seed, options_.validation});
    Globals shown = globals;
    shown.out = folder.dir().string();
    const TrainedRun run{folder, result, parts.validation, config(globals), command(shown), globals.seed};
    write_report(folder.dir(), train_report(run, best));
  }

  train::TrainOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_train() { return std::make_unique<Train>(); }

}  // namespace dsode::cli
