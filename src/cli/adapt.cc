// dsodenet adapt: from a source model and unlabelled target images to an adapted model.
#include "adapt/adapt.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "eval/metrics.h"
#include "model/checkpoint.h"
#include "train/run_folder.h"
#include "train/torch_engine.h"

namespace dsode::cli {

namespace {

class Adapt : public Verb {
 public:
  std::string name() const override { return "adapt"; }
  std::string help() const override { return "adapt a model to unlabelled target images"; }
  void declare(OptionSet& options) override {
    options.add("checkpoint", checkpoint_, "source model: run folder or .safetensors file");
    options.add("source", source_, "labelled source set; some methods do without");
    options.add("target", target_, "target set, read without labels");
    options.add("eval_data", eval_data_, "labelled target set for the figures printed after the choice");
    options.add("target_limit", target_limit_, "first target images only, 0 for all");
    options_.declare(options);
  }

  Json run(const Globals& globals) override {
    setup_torch(globals);
    if (target_.empty()) throw bad_input("--target: missing", "name the unlabelled target set, e.g. --target usps");
    const train::RunFolder folder(globals.out_or("runs/adapt-" + options_.method));
    const ir::SafeTensors file = ir::load_safetensors(model::checkpoint_file(checkpoint_));
    model::Network network = model::load_checkpoint(file);
    make_output_dir(folder.dir(), globals.resume || globals.force);
    const auto source = load_source(globals, file, network->spec(), source_);
    data::LoadOptions load = globals.load(data::Split::kTrain);
    load.shape = network->spec().input;
    load.limit = target_limit_;
    const data::UnlabelledSet target = data::load_unlabelled(target_, load);
    write_file(folder.config(), config(globals));

    adapt::AdaptResult result = adapt::adapt(options_, {.seed = globals.seed, .device = globals.device}, network, source, target);
    const model::Metadata split{{"split", file.metadata.contains("split") ? file.metadata.at("split") : ""}};
    model::save_checkpoint(result.candidates[static_cast<size_t>(result.chosen)].network, folder.best(), split);
    model::save_checkpoint(result.candidates.back().network, folder.last(), split);
    write_metrics(folder, result);
    const Json json = judge(globals, result);
    write_file(folder.results(), json.dump(2) + "\n");
    return json;
  }

 private:
  static void write_metrics(const train::RunFolder& folder, const adapt::AdaptResult& result) {
    train::MetricsLog log(folder.metrics(), 0);
    for (const auto& candidate : result.candidates) {
      Json line{{"candidate", candidate.name}, {"loss", candidate.loss}};
      for (const auto& [name, score] : candidate.scores) line[name] = score;
      log.append(line);
    }
  }

  // Only here, after the choice, are target labels read.
  Json judge(const Globals& globals, adapt::AdaptResult& result) const {
    Json json{{"method", result.method}, {"source_only", nullptr}, {"adapted", nullptr}, {"oracle_best", nullptr},
              {"selected_by", result.selector}, {"chosen", result.pick().name}, {"seconds", result.seconds}, {"seed", globals.seed}};
    std::vector<std::vector<std::string>> rows{{"candidate", result.selector, "target accuracy", ""}};
    std::vector<double> accuracies;
    if (!eval_data_.empty()) {
      const data::LabelledSet set = load_for(globals, result.pick().network->spec(), eval_data_, data::Split::kTest);
      for (auto& candidate : result.candidates) {
        const auto predictions = eval::predictions(train::TorchEngine(candidate.network).run(set.images));
        accuracies.push_back(eval::score(predictions, set.labels, static_cast<int>(set.classes.size())).accuracy());
      }
      json["source_only"] = accuracies.front();
      json["adapted"] = accuracies[static_cast<size_t>(result.chosen)];
      json["oracle_best"] = *std::max_element(accuracies.begin(), accuracies.end());
      json["n"] = set.images.n;
    }
    for (size_t i = 0; i < result.candidates.size(); ++i) {
      const auto& candidate = result.candidates[i];
      rows.push_back({candidate.name, fmt::format("{:.4f}", candidate.scores.at(result.selector)),
                      accuracies.empty() ? "-" : fmt::format("{:.2f}", accuracies[i]),
                      static_cast<int>(i) == result.chosen ? "chosen" : ""});
    }
    fmt::print("{}", text_table(rows));
    if (!accuracies.empty())
      fmt::print("{}: {:.2f} % -> {:.2f} % on {} (oracle {:.2f} %), chosen by {} without target labels\n", result.method,
                 json["source_only"].get<double>(), json["adapted"].get<double>(), eval_data_, json["oracle_best"].get<double>(),
                 result.selector);
    return json;
  }

  std::string checkpoint_, source_, target_, eval_data_;
  int target_limit_ = 0;
  adapt::AdaptOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_adapt() { return std::make_unique<Adapt>(); }

}  // namespace dsode::cli
