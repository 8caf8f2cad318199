// Suite `training`: images a second of a training step, against the same model written plainly.
#include <algorithm>

#include "base/error.h"
#include "base/text_table.h"
#include "bench/training/contestant.h"
#include "bench/worker.h"

namespace dsode::bench {

namespace {

constexpr int kBatch = 64, kWarmupSteps = 3;
constexpr const char *kOurs = "ours", *kOursFull = "ours-full", *kPlain = "libtorch-plain";

std::unique_ptr<Contestant> make_contestant(const std::string& name, const ir::ModelSpec& spec) {
  if (name == kPlain) return make_libtorch_plain(spec);
  return make_ours(spec, name == kOurs ? model::Gradient::kCheckpoint : model::Gradient::kFull);
}

// In a worker process: median milliseconds an image over the timed steps.
Json work(const Options& options) {
  torch::manual_seed(options.seed);
  const ir::ModelSpec spec = options.spec();
  const int batch = options.batch_or(kBatch);
  const auto contestant = make_contestant(options.worker, spec);
  const auto images = contestant->layout(torch::randn({batch, spec.input.c, spec.input.h, spec.input.w}));
  const auto labels = torch::randint(spec.classes_count(), {batch}, torch::kInt64);
  const double milliseconds =
      median_milliseconds(kWarmupSteps, options.repeats, [&] { contestant->step(images, labels); });
  int64_t params = 0;
  for (const auto& p : contestant->parameters()) params += p.numel();
  return {{"ms_per_image", milliseconds / batch}, {"params", params}};
}

using Table = std::vector<std::vector<std::string>>;

// What one contestant's rounds say.
struct Standing {
  std::string name;
  double ms;                   // an image, median over rounds
  std::vector<double> ratios;  // plain / this, round by round
};

std::vector<Standing> compare(const Options& options, int threads) {
  const std::vector<std::string> names{kOurs, kOursFull, kPlain};
  std::vector<Options> contestants(names.size(), options);
  for (size_t i = 0; i < names.size(); ++i)
    contestants[i].worker = names[i], contestants[i].threads = threads;
  const auto figures = run_rounds(contestants, options.rounds);
  const auto plain = column(figures.back(), "ms_per_image");
  std::vector<Standing> standings;
  for (size_t i = 0; i < names.size(); ++i) {
    if (figures[i][0].at("params") != figures.back()[0].at("params"))
      throw failed(fmt::format("bench: {} and {} are not the same model", names[i], kPlain));
    const auto ms = column(figures[i], "ms_per_image");
    std::vector<double> ratios;
    for (size_t r = 0; r < ms.size(); ++r) ratios.push_back(plain[r] / ms[r]);
    standings.push_back({names[i], median(ms), ratios});
  }
  return standings;
}

std::vector<std::string> row(const Standing& standing, int threads) {
  const auto [least, most] = std::ranges::minmax(standing.ratios);
  const bool rival = standing.name == kPlain;
  return {standing.name,
          std::to_string(threads),
          fmt::format("{:.0f}", 1000 / standing.ms),
          fmt::format("{:.3f}", standing.ms),
          rival ? "" : fmt::format("{:.2f}", median(standing.ratios)),
          rival ? "" : fmt::format("{:.2f} to {:.2f}", least, most)};
}

Result result(const Standing& ours, const Standing& plain, const Options& options, int threads) {
  const std::string name = case_name(options, options.batch_or(kBatch));
  const bool full = ours.name == kOursFull;
  return {.name = full ? name + "/full" : name,
          .threads = threads,
          .metric = "images_per_second",
          .value = 1000 / ours.ms,
          .rival = kPlain,
          .ratio = median(ours.ratios),
          .more = {{"gradient", full ? "full" : "checkpoint"}, {"rival_value", 1000 / plain.ms}}};
}

std::vector<Result> run_training(const Options& options) {
  Table table{{"training step", "threads", "images/s", "ms/image", "times plain", "over rounds"}};
  std::vector<Result> results;
  for (int threads : thread_counts(options.threads)) {
    const auto standings = compare(options, threads);
    for (const auto& standing : standings) {
      table.push_back(row(standing, threads));
      if (standing.name != kPlain) results.push_back(result(standing, standings.back(), options, threads));
    }
  }
  fmt::print("{}: {} rounds of a process each, in turn; {} timed steps a process\n\n{}",
             case_name(options, options.batch_or(kBatch)), options.rounds, options.repeats,
             text_table(table));
  return results;
}

}  // namespace

Suite training_suite() { return {"training", run_training, {kOurs, kOursFull, kPlain}, work}; }

}  // namespace dsode::bench
