#include "cli/train_report.h"

#include "cli/report_parts.h"
#include "cli/version.h"
#include "train/torch_engine.h"

namespace dsode::cli {

report::RunReport train_report(const TrainedRun& run, model::Network& best) {
  const ir::ModelSpec& spec = best->spec();
  const data::LabelledSet& set = run.validation;
  const eval::Outputs outputs = train::TorchEngine(best).run(set.images);
  const std::vector<int> predictions = eval::predictions(outputs);
  const eval::Score score = eval::score(predictions, set.labels, spec.classes_count());

  report::RunReport report;
  report.title = fmt::format("{} trained on {}", spec.name(), set.name);
  report.subtitle =
      fmt::format("{} epochs, the best one kept by accuracy on held-out source images", run.result.epochs);
  report::Headline& headline = report.headline.emplace();
  headline.model = spec.name();
  headline.source = set.name;
  headline.source_validation = accuracy(score);
  report.class_names = spec.classes;
  report.source_samples =
      samples("Held-out images of " + set.name, {set.images, set.labels, predictions, {}}, spec.classes);
  report.learning_curves = training_curves(train::MetricsLog(run.folder.metrics(), run.result.epochs).lines(),
                                           run.result.best_epoch);
  report.classes = class_rows(spec.classes, score, nullptr);
  report.confusion_before = counts(score);
  const std::vector<int> mapped =
      representatives(set.images, set.labels, spec.classes_count(), kMappedImages);
  report.features_before = feature_map("Held-out source images", {points_of(outputs, mapped, set.labels, 0)},
                                       outputs.width, run.seed);
  report.sizes = size_table(spec);
  report.configuration = configuration(run.config);
  report.commands = {run.command};
  report.notes = {
      fmt::format("The accuracy is of {} source images held out of the training by seed. They also decided "
                  "which epoch was "
                  "kept, so that a test set can come out a little lower.",
                  score.n),
      "Intervals are 95 % Wilson intervals: they cover the choice of test images, not that of the seed."};
  report.version = kVersion;
  report.seed = static_cast<int64_t>(run.seed);
  return report;
}

}  // namespace dsode::cli
