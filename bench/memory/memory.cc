// Suite `memory`: what one training step adds to a process, against libtorch at its best, as solver steps
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
constexpr const char *kCheckpoint = "checkpoint", *kFull = "full", *kLibtorch = "libtorch";
const std::vector<std::string> kContestants{kCheckpoint, kFull, kLibtorch};

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
  const bool libtorch = options.worker == kLibtorch;
  const auto contestant = make_ours(spec, model::parse_gradient(libtorch ? kFull : options.worker),
                                    libtorch ? model::Kernels::kOff : model::Kernels::kOn);
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
  const double peak = status_mb("VmHWM");
  return {{"mb", peak - before}, {"peak", peak}};
}

// Medians over rounds: what the step adds, and the peak of the process.
struct Memory {
  double added, peak;
};

// Of each contestant.
std::vector<Memory> measure(const Options& options, int steps, int threads) {
  std::vector<Options> contestants(kContestants.size(), options);
  for (size_t i = 0; i < contestants.size(); ++i) {
    contestants[i].worker = kContestants[i];
    contestants[i].steps = steps;
    contestants[i].threads = threads;
  }
  std::vector<Memory> memory;
  for (const auto& rounds : run_rounds(contestants, options.rounds))
    memory.push_back({median(column(rounds, "mb")), median(column(rounds, "peak"))});
  return memory;
}

std::vector<Result> run_memory(const Options& options) {
  const int batch = options.batch_or(kBatch), threads = std::max(1, options.threads);
  std::vector<std::vector<std::string>> table{
      {"steps", "gradient", "MB added", "times less than libtorch", "MB at its peak", "MB estimated"}};
  std::vector<Result> results;
  for (int steps : options.steps_or_sweep()) {
    const auto memory = measure(options, steps, threads);
    const std::string name = fmt::format("{}/steps{}", case_name(options, batch), steps);
    for (size_t i = 0; i < memory.size(); ++i) {
      const std::string& who = kContestants[i];
      const double ratio = memory.back().added / memory[i].added;
      const auto estimate = ir::training_bytes(options.spec(steps), batch, who == kLibtorch ? kFull : who);
      const bool rival = who == kLibtorch;
      table.push_back({std::to_string(steps), who, fmt::format("{:.0f}", memory[i].added),
                       rival ? "" : fmt::format("{:.2f}", ratio), fmt::format("{:.0f}", memory[i].peak),
                       rival ? "" : fmt::format("{:.0f}", static_cast<double>(estimate) / (1 << 20))});
      if (!rival)
        results.push_back({.name = who == kFull ? name + "/full" : name,
                           .threads = threads,
                           .metric = "training_mb",
                           .value = memory[i].added,
                           .rival = kLibtorch,
                           .ratio = ratio,
                           .more = {{"peak_mb", memory[i].peak},
                                    {"rival_value", memory.back().added},
                                    {"rival_peak_mb", memory.back().peak}}});
    }
  }
  fmt::print("{}: peak memory that one training step adds; estimates are those of `dsodenet info`\n\n{}",
             case_name(options, batch), text_table(table));
  return results;
}

}  // namespace

Suite memory_suite() { return {"memory", run_memory, kContestants, work}; }

}  // namespace dsode::bench
