// Suite `memory`: what one training step adds to a process, `checkpoint` against `full`, as solver steps
// grow.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/text_table.h"
#include "bench/training/contestant.h"
#include "bench/worker.h"
#include "ir/cost.h"

namespace dsode::bench {

namespace {

constexpr int kBatch = 64;
constexpr const char *kCheckpoint = "checkpoint", *kFull = "full";

// A field of /proc/self/status in MB: VmRSS is what is resident, VmHWM its peak.
double status_mb(const std::string& field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) / 1024;
  throw failed("bench: /proc/self/status has no " + field, "the suite needs Linux");
}

// Peak resident memory from now on; where the kernel refuses, the peak of loading stays in, which is below a
// step's.
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

// In a worker process. A step of two images first brings in code, thread pools and the optimiser's state,
// which are none of the batch's.
Json work(const Options& options) {
  torch::manual_seed(options.seed);
  const ir::ModelSpec spec = options.spec();
  const auto contestant = make_ours(spec, model::parse_gradient(options.worker));
  const auto images =
      contestant->layout(torch::randn({options.batch_or(kBatch), spec.input.c, spec.input.h, spec.input.w}));
  const auto labels = torch::randint(spec.classes_count(), {images.size(0)}, torch::kInt64);
  contestant->step(images.narrow(0, 0, 2), labels.narrow(0, 0, 2));
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  reset_peak();
  const double before = status_mb("VmRSS");
  contestant->step(images, labels);
  return {{"mb", status_mb("VmHWM") - before}};
}

// [checkpoint, full], medians over rounds.
std::vector<double> measure(const Options& options, int steps, int threads) {
  std::vector<Options> contestants(2, options);
  contestants[0].worker = kCheckpoint;
  contestants[1].worker = kFull;
  for (Options& contestant : contestants) contestant.steps = steps, contestant.threads = threads;
  std::vector<double> medians;
  for (const auto& rounds : run_rounds(contestants, options.rounds))
    medians.push_back(median(column(rounds, "mb")));
  return medians;
}

std::vector<Result> run_memory(const Options& options) {
  const int batch = options.batch_or(kBatch), threads = std::max(1, options.threads);
  std::vector<std::vector<std::string>> table{
      {"steps", "checkpoint MB", "full MB", "times less", "estimates MB"}};
  std::vector<Result> results;
  for (int steps : options.steps_or_sweep()) {
    const auto mb = measure(options, steps, threads);
    const auto estimate = [&](const char* gradient) {
      return static_cast<double>(ir::training_bytes(options.spec(steps), batch, gradient)) / (1 << 20);
    };
    table.push_back({std::to_string(steps), fmt::format("{:.0f}", mb[0]), fmt::format("{:.0f}", mb[1]),
                     fmt::format("{:.2f}", mb[1] / mb[0]),
                     fmt::format("{:.0f}, {:.0f}", estimate(kCheckpoint), estimate(kFull))});
    results.push_back({.name = fmt::format("{}/steps{}", case_name(options, batch), steps),
                       .threads = threads,
                       .metric = "training_mb",
                       .value = mb[0],
                       .rival = kFull,
                       .ratio = mb[1] / mb[0],
                       .more = {{"rival_value", mb[1]}}});
  }
  fmt::print("{}: peak memory that one training step adds; estimates are those of `dsodenet info`\n\n{}",
             case_name(options, batch), text_table(table));
  return results;
}

}  // namespace

Suite memory_suite() { return {"memory", run_memory, {kCheckpoint, kFull}, work}; }

}  // namespace dsode::bench
