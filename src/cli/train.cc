// dsodenet train: supervised training on a labelled source set.
#include "train/trainer.h"

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "eval/metrics.h"
#include "ir/cost.h"

namespace dsode::cli {

namespace {

class Train : public Verb {
 public:
  std::string name() const override { return "train"; }
  std::string help() const override { return "train a model on a labelled source set"; }
  void declare(OptionSet& options) override { options_.declare(options); }

  Json run(const Globals& globals) override {
    setup_torch(globals);
    const train::RunFolder folder(globals.out_or("runs/" + options_.model));
    const bool resume = globals.resume && std::filesystem::exists(folder.last());
    if (globals.resume && !resume && std::filesystem::exists(folder.config()))
      spdlog::info("{}: nothing saved yet, starting from the beginning", folder.dir().string());
    make_output_dir(folder.dir(), globals.resume || globals.force);
    data::LoadOptions load = globals.load(data::Split::kTrain);
    load.shape = ir::make_spec(options_.model, options_.overrides).input;
    load.limit = options_.limit;
    const data::LabelledSet source = data::load_labelled(options_.data, load);
    if (!resume) write_file(folder.config(), config(globals));

    const train::TrainResult result =
        train::train(options_, {.seed = globals.seed, .device = globals.device, .resume = resume}, source, folder);
    const ir::ModelCost cost = ir::cost(train::spec_for(options_, source));
    const Json json{{"model", options_.model},
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
    write_file(folder.results(), json.dump(2) + "\n");
    const eval::Interval interval = eval::wilson(result.validation_right, result.validation_images);
    fmt::print("{}  {:.2f} % on {} held-out source images (95 %: {:.2f} to {:.2f}), {:.0f} images/s\n{}\n", options_.model,
               result.accuracy, result.validation_images, interval.lo, interval.hi, result.images_per_second,
               folder.best().string());
    return json;
  }

 private:
  train::TrainOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_train() { return std::make_unique<Train>(); }

}  // namespace dsode::cli
