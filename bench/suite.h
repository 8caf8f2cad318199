// What `dsodenet bench` measures: suites of figures, each beside its rival.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "ir/spec.h"

namespace dsode::bench {

struct Options {
  std::string suite = "training";
  std::string model = "dsodenet-t";
  std::string time = "none";
  std::string precision = "fp32";
  std::optional<int> steps;  // solver steps a stage
  std::optional<int> batch_size;
  int rounds = 5;      // processes a contestant
  int repeats = 10;    // timed steps a process
  std::string worker;  // a contestant: measure it in this process
  int threads = 0;     // global options of the command line
  uint64_t seed = 1;
  void declare(OptionSet& options);

  // The model measured; `steps` where the suite varies them.
  ir::ModelSpec spec(std::optional<int> steps = {}) const;
  int batch_or(int fallback) const { return batch_size.value_or(fallback); }
  // The numbers of solver steps that a suite varies: 2 to 32, or the one given.
  std::vector<int> steps_or_sweep() const;
};

// One figure (contract). `ratio`: how many times better than the rival.
struct Result {
  std::string name;  // "dsodenet-t/fp32/b64", more parts where a suite varies more
  int threads = 1;
  std::string metric;
  double value = 0;
  std::string rival;
  std::optional<double> ratio;
  Json more = Json::object();  // keys of the suite's own
};

struct Suite {
  std::string name;
  std::function<std::vector<Result>(const Options&)> run;  // prints its tables on stdout
  std::vector<std::string> workers;                        // contestants that run in processes of their own
  std::function<Json(const Options&)> work;                // measures options.worker in this process
  int least_batch = 2;                                     // norms that train need two images
  std::vector<std::string> precisions{"fp32"};
};

Suite training_suite();
Suite memory_suite();
Suite gradients_suite();
Suite solvers_suite();
Suite integer_suite();
Suite inference_suite();

// Runs options.suite and returns {suite, results}, or, with options.worker, that worker's figures.
Json run(const Options& options);

double median(std::vector<double> values);
// Of `repeats` timed calls after `warm_up` others.
double median_milliseconds(int warm_up, int repeats, const std::function<void()>& work);
// "dsodenet-t/fp32/b64".
std::string case_name(const Options& options, int batch);

}  // namespace dsode::bench
