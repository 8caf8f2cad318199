// Suite `training`: images a second of a training step, against libtorch at its best and the same model
// written plainly.
#include <algorithm>

#include "base/error.h"
#include "base/text_table.h"
#include "bench/training/contestant.h"
#include "bench/worker.h"

namespace dsode::bench {

namespace {

constexpr int kBatch = 64, kWarmupSteps = 3;
constexpr const char *kOurs = "ours", *kLibtorch = "libtorch", *kPlain = "libtorch-plain";

struct Entry {
  std::string name;
  model::Gradient gradient;
  model::Kernels kernels;
};
// libtorch at its best is this project's network without its kernels, all kept for the backward pass.
const std::vector<Entry> kEntries{{kOurs, model::Gradient::kCheckpoint, model::Kernels::kOn},
                                  {"ours-full", model::Gradient::kFull, model::Kernels::kOn},
                                  {"ours-bf16", model::Gradient::kCheckpoint, model::Kernels::kBf16},
                                  {"ours-bf16-full", model::Gradient::kFull, model::Kernels::kBf16},
                                  {kLibtorch, model::Gradient::kFull, model::Kernels::kOff},
                                  {kPlain, model::Gradient::kFull, model::Kernels::kOff}};

std::vector<std::string> contestant_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kEntries) names.push_back(entry.name);
  return names;
}
const std::vector<std::string> kContestants = contestant_names();

bool rival(const std::string& name) { return name == kLibtorch || name == kPlain; }

std::unique_ptr<Contestant> make_contestant(const std::string& name, const ir::ModelSpec& spec) {
  if (name == kPlain) return make_libtorch_plain(spec);
  const auto entry = std::ranges::find(kEntries, name, &Entry::name);
  return make_ours(spec, entry->gradient, entry->kernels);
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

// Milliseconds an image of each contestant, round by round.
using Times = std::vector<std::vector<double>>;

Times measure(const Options& options, int threads) {
  std::vector<Options> contestants(kContestants.size(), options);
  for (size_t i = 0; i < contestants.size(); ++i)
    contestants[i].worker = kContestants[i], contestants[i].threads = threads;
  const auto figures = run_rounds(contestants, options.rounds);
  Times times;
  for (size_t i = 0; i < figures.size(); ++i) {
    if (figures[i][0].at("params") != figures[0][0].at("params"))
      throw failed(fmt::format("bench: {} and {} are not the same model", kContestants[i], kContestants[0]));
    times.push_back(column(figures[i], "ms_per_image"));
  }
  return times;
}

// How many times as fast as `rival` in each round.
std::vector<double> ratios(const std::vector<double>& ours, const std::vector<double>& rival) {
  std::vector<double> ratios;
  for (size_t r = 0; r < ours.size(); ++r) ratios.push_back(rival[r] / ours[r]);
  return ratios;
}

std::vector<std::string> row(const Times& times, size_t at, int threads) {
  std::vector<std::string> cells{kContestants[at], std::to_string(threads),
                                 fmt::format("{:.0f}", 1000 / median(times[at])),
                                 fmt::format("{:.3f}", median(times[at]))};
  for (size_t i = 0; i < times.size(); ++i) {
    if (!rival(kContestants[i])) continue;
    const auto faster = ratios(times[at], times[i]);
    const auto [least, most] = std::ranges::minmax(faster);
    cells.push_back(i == at ? "" : fmt::format("{:.2f} ({:.2f} to {:.2f})", median(faster), least, most));
  }
  return cells;
}

std::vector<Result> run_training(const Options& options) {
  Table table{{"training step", "threads", "images/s", "ms/image", "times libtorch", "times plain"}};
  std::vector<Result> results;
  const std::string name = case_name(options, options.batch_or(kBatch));
  for (int threads : thread_counts(options.threads)) {
    const Times times = measure(options, threads);
    for (size_t at = 0; at < times.size(); ++at) {
      table.push_back(row(times, at, threads));
      const std::string suffix =
          rival(kContestants[at]) ? "" : kContestants[at].substr(std::string(kOurs).size());
      for (size_t i = 0; i < times.size() && !rival(kContestants[at]); ++i)
        if (rival(kContestants[i]))
          results.push_back({.name = name + suffix,
                             .threads = threads,
                             .metric = "images_per_second",
                             .value = 1000 / median(times[at]),
                             .rival = kContestants[i],
                             .ratio = median(ratios(times[at], times[i])),
                             .more = {{"rival_value", 1000 / median(times[i])}}});
    }
  }
  fmt::print("{}: {} rounds of a process each, in turn; {} timed steps a process\n\n{}", name, options.rounds,
             options.repeats, text_table(table));
  return results;
}

}  // namespace

Suite training_suite() { return {"training", run_training, kContestants, work}; }

}  // namespace dsode::bench
