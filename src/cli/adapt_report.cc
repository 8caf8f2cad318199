#include "cli/adapt_report.h"

#include <spdlog/spdlog.h>

#include <cmath>

#include "base/error.h"
#include "cli/report_parts.h"
#include "cli/version.h"
#include "data/subset.h"
#include "train/torch_engine.h"

namespace dsode::cli {

namespace {

constexpr const char* kSourceValidation = "source-val";  // the selector that measures it

// The images of a domain that the page shows, and what the model said before and after.
struct Shown {
  const data::Images& images;
  std::span<const int> labels;  // empty where unknown
  eval::Outputs before, after;
};

class Writer {
 public:
  explicit Writer(const AdaptedRun& run)
      : run_(run), result_(run.result), spec_(run.result.pick().network->spec()) {}

  report::RunReport write() {
    report_.title = fmt::format("{} adapted to {}", spec_.name(), target_name());
    report_.subtitle =
        fmt::format("{} without target labels, the model chosen by {}", result_.method, result_.selector);
    report_.class_names = spec_.classes;
    report_.version = kVersion;
    report_.seed = static_cast<int64_t>(run_.seed);
    headline();
    pictures();
    candidates();
    curves();
    if (run_.judgement) judged(*run_.judgement);
    report_.sizes = size_table(spec_);
    report_.configuration = configuration(run_.config);
    notes();
    background();
    return std::move(report_);
  }

 private:
  std::string target_name() const { return run_.judgement ? run_.judgement->set.name : run_.target.name; }
  std::string source_name() const { return run_.source ? run_.source->train.name : "its source set"; }

  void headline() {
    report::Headline headline;
    headline.model = spec_.name();
    headline.method = result_.method;
    headline.source = source_name();
    headline.target = target_name();
    const auto& scores = result_.candidates.front().scores;
    if (run_.source && scores.contains(kSourceValidation)) {
      const int n = run_.source->validation.images.n;
      headline.source_validation =
          accuracy(static_cast<int>(std::lround(scores.at(kSourceValidation) * n / 100)), n);
    }
    if (run_.judgement) {
      const auto& scores_on_target = run_.judgement->scores;
      headline.source_only = accuracy(scores_on_target.front());
      headline.adapted = accuracy(scores_on_target[static_cast<size_t>(result_.chosen)]);
      headline.oracle_best = accuracy(run_.judgement->oracle());
    }
    report_.headline = headline;
  }

  Shown shown(const data::Images& images, std::span<const int> labels) const {
    return {images, labels, train::TorchEngine(result_.candidates.front().network).run(images),
            train::TorchEngine(result_.pick().network).run(images)};
  }

  // Samples and feature maps from the same few images of each domain.
  void pictures() {
    std::optional<data::LabelledSet> source_images, target_images;
    data::Images unlabelled;
    if (run_.source) source_images = few(run_.source->validation);
    if (run_.judgement)
      target_images = few(run_.judgement->set);
    else
      unlabelled = data::head(run_.target.images, kMappedImages);
    const Shown target =
        target_images ? shown(target_images->images, target_images->labels) : shown(unlabelled, {});
    report_.target_samples = sample_set("Target: " + target_name(), target);
    std::vector<FeaturePoints> before{points(target, target.before, 1)},
        after{points(target, target.after, 1)};
    if (source_images) {
      const Shown source = shown(source_images->images, source_images->labels);
      report_.source_samples = sample_set("Source: " + source_name(), source);
      before.insert(before.begin(), points(source, source.before, 0));
      after.insert(after.begin(), points(source, source.after, 0));
    }
    const int width = target.before.width;
    report_.features_before = feature_map("Before adaptation", before, width, run_.seed);
    report_.features_after = feature_map("After adaptation", after, width, run_.seed);
  }

  data::LabelledSet few(const data::LabelledSet& set) const {
    return data::subset(set, representatives(set.images, set.labels, spec_.classes_count(), kMappedImages));
  }

  report::SampleSet sample_set(const std::string& title, const Shown& set) const {
    return samples(title,
                   {set.images, set.labels, eval::predictions(set.before), eval::predictions(set.after)},
                   spec_.classes);
  }

  static FeaturePoints points(const Shown& set, const eval::Outputs& outputs, int domain) {
    const auto labels = set.labels.empty() ? eval::predictions(outputs)
                                           : std::vector<int>(set.labels.begin(), set.labels.end());
    return {outputs.features, labels, domain};
  }

  void candidates() {
    report_.selected_by = result_.selector;
    for (size_t i = 0; i < result_.candidates.size(); ++i) {
      const auto& candidate = result_.candidates[i];
      report_.candidates.push_back({.name = candidate.name,
                                    .score = candidate.scores.at(result_.selector),
                                    .target_accuracy = std::nullopt,
                                    .chosen = static_cast<int>(i) == result_.chosen});
      if (run_.judgement) report_.candidates.back().target_accuracy = run_.judgement->scores[i].accuracy();
    }
  }

  void curves() {
    if (result_.candidates.size() < 2) return;
    const report::Mark chosen{static_cast<double>(result_.chosen), "chosen"};
    report::Series score{result_.selector, {}, {}}, target{"target accuracy", {}, {}}, loss{"loss", {}, {}};
    for (size_t i = 0; i < result_.candidates.size(); ++i) {
      const auto epoch = static_cast<double>(i);
      score.x.push_back(epoch), score.y.push_back(result_.candidates[i].scores.at(result_.selector));
      if (i > 0) loss.x.push_back(epoch), loss.y.push_back(result_.candidates[i].loss);
      if (run_.judgement) target.x.push_back(epoch), target.y.push_back(run_.judgement->scores[i].accuracy());
    }
    report_.learning_curves.push_back({"Adapting: the score that chooses",
                                       "epoch, 0 is the source model",
                                       result_.selector,
                                       {score},
                                       chosen});
    if (run_.judgement)
      report_.learning_curves.push_back({"Adapting: target accuracy, read afterwards",
                                         "epoch, 0 is the source model",
                                         "%",
                                         {target},
                                         chosen});
    if (loss.x.size() > 1)
      report_.learning_curves.push_back({"Adapting: loss", "epoch", "loss", {loss}, chosen});
  }

  void judged(const Judgement& judgement) {
    const eval::Score &before = judgement.scores.front(),
                      &after = judgement.scores[static_cast<size_t>(result_.chosen)];
    report_.classes = class_rows(spec_.classes, before, &after);
    report_.confusion_before = counts(before);
    report_.confusion_after = counts(after);
  }

  void notes() {
    auto& notes = report_.notes;
    notes.push_back(fmt::format(
        "Training and choice saw {} target images as a type without labels. {} scored {} candidates, the "
        "source model among them, and the best score was taken.",
        run_.target.images.n, result_.selector, result_.candidates.size()));
    if (!run_.judgement) {
      notes.push_back(
          "No labelled target images were given, so this page can't tell an accuracy on the target; \"adapt "
          "--eval-data\" names some. Points of the target are coloured by what the model predicts.");
      return;
    }
    notes.push_back(fmt::format(
        "Accuracies are on {} images of {}. Their labels decided nothing: they were read after the choice. "
        "The best candidate in hindsight shows what the choice without labels cost.",
        run_.judgement->set.images.n, run_.judgement->set.name));
    notes.push_back(
        "Intervals are 95 % Wilson intervals: they cover the choice of test images, not that of the seed.");
    if (run_.judgement->set.name == run_.target.name)
      notes.push_back(
          "The images judged may be those adapted to (without their labels); a separate test split is "
          "stricter.");
  }

  // What the source run's own report tells: commands, curves. A source model without one is no error.
  void background() {
    std::error_code ignored;
    if (std::filesystem::exists(run_.source_run / "report.json", ignored)) try {
        report::RunReport source = read_report(run_.source_run);
        report_.commands = std::move(source.commands);
        for (auto& chart : source.learning_curves) report_.learning_curves.push_back(std::move(chart));
      } catch (const Error& error) {
        spdlog::warn("{}; the report goes without the source model's curves", error.what());
      }
    report_.commands.push_back(run_.command);
  }

  const AdaptedRun& run_;
  const adapt::AdaptResult& result_;
  const ir::ModelSpec& spec_;
  report::RunReport report_;
};

}  // namespace

report::RunReport adapt_report(const AdaptedRun& run) { return Writer(run).write(); }

}  // namespace dsode::cli
