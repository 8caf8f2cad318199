#include "bench/suite.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/names.h"

namespace dsode::bench {

namespace {

const std::vector<Suite>& suites() {
  static const std::vector<Suite> all{training_suite(), memory_suite(),  gradients_suite(),
                                      solvers_suite(),  integer_suite(), inference_suite()};
  return all;
}

std::vector<std::string> suite_names() {
  std::vector<std::string> names;
  for (const auto& suite : suites()) names.push_back(suite.name);
  return names;
}

// A resnet has no solver to differentiate through.
std::vector<std::string> ode_models() {
  auto names = ir::model_names();
  std::erase_if(names, [](const auto& name) { return name.starts_with("resnet"); });
  return names;
}

void require_at_least(int least, const char* flag, int value) {
  if (value < least)
    throw bad_input(fmt::format("{}: {}", flag, value), fmt::format("give at least {}", least));
}

Json to_json(const Result& result) {
  Json json{{"name", result.name},     {"threads", result.threads},
            {"metric", result.metric}, {"value", result.value},
            {"rival", result.rival},   {"ratio", result.ratio ? Json(*result.ratio) : Json()}};
  json.update(result.more);
  return json;
}

}  // namespace

void Options::declare(OptionSet& options) {
  options.add("suite", suite, "what is measured", suite_names());
  options.add("model", model, "family and size", ode_models());
  options.add("time", time, "how t enters the block", ir::kTimes);
  options.add("precision", precision, "of the arithmetic (inference)", inference_suite().precisions);
  options.add("steps", steps, "solver steps a stage (memory and gradients: 2 to 32 where none is given)");
  options.add("batch_size", batch_size, "images a step [64, gradients 16, inference 1 and 32]");
  options.add("rounds", rounds, "processes a contestant, in turn; medians over them count");
  options.add("repeats", repeats, "timed steps a process");
  options.add("worker", worker,
              "measure this one contestant in this process, as the suite does in its own (for profilers)");
}

ir::ModelSpec Options::spec(std::optional<int> varied) const {
  ir::ModelOverrides overrides;
  overrides.time = time;
  overrides.steps = varied ? varied : steps;
  return ir::make_spec(model, overrides);
}

std::vector<int> Options::steps_or_sweep() const {
  return steps ? std::vector{*steps} : std::vector{2, 4, 8, 16, 32};
}

Json run(const Options& options) {
  require_at_least(1, "--rounds", options.rounds);
  require_at_least(1, "--repeats", options.repeats);
  options.spec();  // refuses a model that cannot be built
  const Suite& suite = *std::ranges::find(suites(), options.suite, &Suite::name);
  if (std::ranges::find(suite.precisions, options.precision) == suite.precisions.end())
    throw bad_input(fmt::format("--precision {}: suite {} has none", options.precision, suite.name),
                    unknown_name_hint(options.precision, suite.precisions));
  require_at_least(suite.least_batch, "--batch-size", options.batch_or(suite.least_batch));
  if (!options.worker.empty()) {
    if (std::ranges::find(suite.workers, options.worker) == suite.workers.end())
      throw bad_input(fmt::format("--worker: suite {} has no '{}'", suite.name, options.worker),
                      unknown_name_hint(options.worker, suite.workers));
    return suite.work(options);
  }
  Json results = Json::array();
  for (const Result& result : suite.run(options)) results.push_back(to_json(result));
  return {{"suite", suite.name}, {"results", results}};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double median_milliseconds(int warm_up, int repeats, const std::function<void()>& work) {
  std::vector<double> milliseconds;
  for (int i = 0; i < warm_up + repeats; ++i) {
    throw_if_interrupted();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    if (i >= warm_up) milliseconds.push_back(elapsed.count());
  }
  return median(milliseconds);
}

std::string case_name(const Options& options, int batch) {
  return fmt::format("{}/{}/b{}{}", options.model, options.precision, batch,
                     options.time == "none" ? "" : "/time-" + options.time);
}

}  // namespace dsode::bench
