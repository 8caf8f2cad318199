// dsodenet adapt: from a source model and unlabelled target images to an adapted model.
#include "adapt/adapt.h"

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/adapt_report.h"
#include "cli/report_parts.h"
#include "cli/training_inputs.h"
#include "cli/verbs.h"
#include "data/spec.h"
#include "model/checkpoint.h"

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
    options.add("source_limit", source_limit_, "first source images only, as in training, 0 for all");
    options.add("target_limit", target_limit_, "first target images only, 0 for all");
    options.add("eval_limit", eval_limit_, "first images of --eval-data only, 0 for all");
    options_.declare(options);
  }
  std::string default_out() const override { return "runs/adapt-" + options_.method; }

  Json run(const Globals& globals) override {
    setup_torch(globals);
    require_option(checkpoint_, "--checkpoint", "name the source model: a run folder of `dsodenet train`");
    require_option(target_, "--target", "name the unlabelled target set, e.g. --target usps");
    if (!eval_data_.empty()) data::parse_spec(eval_data_);  // a typo should not wait for the adaptation's end
    const train::RunFolder folder(globals.out_or(default_out()));
    const ir::SafeTensors file = ir::load_safetensors(model::checkpoint_file(checkpoint_));
    model::Network network = model::load_checkpoint(file);
    make_output_dir(folder.dir(), globals.resume || globals.force);
    const auto source = load_source(globals, file, network->spec(), source_, source_limit_);
    const data::UnlabelledSet target = load_target(globals, network->spec());
    adapt::validate(options_, source.has_value(), target);
    if (globals.resume) spdlog::info("adaptation keeps no state: it starts over, to the same numbers");
    start_run(folder, globals, config(globals));

    const adapt::AdaptResult result = adapt_images(globals, folder, network, source, target);
    save(folder, result, file);
    const auto judgement = read_labels_and_judge(globals, result);
    const Json json = results(globals, result, judgement);
    write_file(folder.results(), json.dump(2) + "\n");
    print(result, judgement);
    Globals shown = globals;
    shown.out = folder.dir().string();
    write_report(folder.dir(), adapt_report({result, source, target, judgement, source_run(), config(globals),
                                             command(shown), globals.seed}));
    fmt::print("{}\n", folder.report().string());
    return json;
  }

 private:
  data::UnlabelledSet load_target(const Globals& globals, const ir::ModelSpec& spec) const {
    data::LoadOptions load = globals.load(data::Split::kTrain);
    load.shape = spec.input;
    load.limit = target_limit_;
    return data::load_unlabelled(target_, load);
  }

  adapt::AdaptResult adapt_images(const Globals& globals, const train::RunFolder& folder,
                                  model::Network& network, const std::optional<adapt::Source>& source,
                                  const data::UnlabelledSet& target) const try {
    return adapt::adapt(options_, {.seed = globals.seed, .device = globals.device}, network, source, target);
  } catch (const Error& error) {
    if (error.code() != Code::kInterrupted) throw;
    throw Error(Code::kInterrupted, "interrupted while adapting",
                fmt::format("start over with --resume --out {}", folder.dir().string()));
  }

  static void save(const train::RunFolder& folder, const adapt::AdaptResult& result,
                   const ir::SafeTensors& source_model) {
    model::Metadata extra;
    if (const auto split = source_model.metadata.find("split"); split != source_model.metadata.end())
      extra.insert(*split);
    model::Network picked = result.pick().network, last = result.candidates.back().network;
    model::save_checkpoint(picked, folder.best(), extra);
    model::save_checkpoint(last, folder.last(), extra);
    train::MetricsLog log(folder.metrics(), 0);
    for (const auto& candidate : result.candidates) {
      Json line{{"candidate", candidate.name}, {"loss", candidate.loss}};
      for (const auto& [name, score] : candidate.scores) line[name] = score;
      log.append(line);
    }
  }

  // Only here, after the choice, are target labels read.
  std::optional<Judgement> read_labels_and_judge(const Globals& globals,
                                                 const adapt::AdaptResult& result) const {
    if (eval_data_.empty()) return std::nullopt;
    return judge(result, load_for(globals, result.pick().network->spec(), eval_data_, data::Split::kTest,
                                  eval_limit_));
  }

  static Json results(const Globals& globals, const adapt::AdaptResult& result,
                      const std::optional<Judgement>& judgement) {
    Json json{{"model", result.pick().network->spec().name()},
              {"method", result.method},
              {"source_only", nullptr},
              {"adapted", nullptr},
              {"oracle_best", nullptr},
              {"selected_by", result.selector},
              {"chosen", result.pick().name},
              {"seconds", result.seconds},
              {"seed", globals.seed}};
    if (!judgement) return json;
    json["source_only"] = judgement->scores.front().accuracy();
    json["adapted"] = judgement->scores[static_cast<size_t>(result.chosen)].accuracy();
    json["oracle_best"] = judgement->oracle().accuracy();
    json["n"] = judgement->set.images.n;
    return json;
  }

  void print(const adapt::AdaptResult& result, const std::optional<Judgement>& judgement) const {
    std::vector<std::vector<std::string>> rows{{"candidate", result.selector, "target accuracy", ""}};
    for (size_t i = 0; i < result.candidates.size(); ++i)
      rows.push_back({result.candidates[i].name,
                      fmt::format("{:.4f}", result.candidates[i].scores.at(result.selector)),
                      judgement ? fmt::format("{:.2f}", judgement->scores[i].accuracy()) : "-",
                      static_cast<int>(i) == result.chosen ? "chosen" : ""});
    fmt::print("{}", text_table(rows));
    if (judgement)
      fmt::print("{}: {:.2f} % -> {:.2f} % on {} (oracle {:.2f} %), chosen by {} without target labels\n",
                 result.method, judgement->scores.front().accuracy(),
                 judgement->scores[static_cast<size_t>(result.chosen)].accuracy(), eval_data_,
                 judgement->oracle().accuracy(), result.selector);
  }

  std::filesystem::path source_run() const {
    const std::filesystem::path path = checkpoint_;
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored) ? path : path.parent_path();
  }

  std::string checkpoint_, source_, target_, eval_data_;
  int source_limit_ = 0, target_limit_ = 0, eval_limit_ = 0;
  adapt::AdaptOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_adapt() { return std::make_unique<Adapt>(); }

}  // namespace dsode::cli
