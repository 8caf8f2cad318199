// Suite `gradients`: how far gradients in float32 are from those of libtorch in doubles.
#include <algorithm>

#include "base/interrupt.h"
#include "base/text_table.h"
#include "bench/suite.h"
#include "model/network.h"

namespace dsode::bench {

namespace {

using torch::Tensor;

constexpr int kBatch = 16;

struct Batch {
  Tensor images, labels;
};

struct Way {
  const char* name;
  model::Gradient gradient;
  model::Kernels kernels;
};
constexpr Way kLibtorch{"libtorch", model::Gradient::kFull, model::Kernels::kOff};
constexpr Way kWays[] = {{"checkpoint", model::Gradient::kCheckpoint, model::Kernels::kOn},
                         {"bf16", model::Gradient::kCheckpoint, model::Kernels::kBf16},
                         kLibtorch,
                         {"adjoint", model::Gradient::kAdjoint, model::Kernels::kOff}};

// Of every parameter, in training mode.
std::vector<Tensor> gradients(model::Network& network, const Batch& batch, const Way& way) {
  network->train();
  network->zero_grad();
  network->set_gradient(way.gradient, way.kernels);
  torch::nn::functional::cross_entropy(network->forward(batch.images), batch.labels).backward();
  std::vector<Tensor> copies;
  for (const auto& p : network->parameters()) copies.push_back(p.grad().to(torch::kFloat64));
  return copies;
}

// |a - b| / |b| of each tensor.
std::vector<double> relative_errors(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  std::vector<double> errors;
  for (size_t i = 0; i < a.size(); ++i)
    errors.push_back(((a[i] - b[i]).norm() / b[i].norm().clamp_min(1e-12)).item<double>());
  return errors;
}

struct Case {
  int steps;
  std::string norm;
};

class Measurement {
 public:
  explicit Measurement(const Options& options) : options_(options) {}

  void measure(const Case& c) {
    ir::ModelSpec spec = options_.spec(c.steps);
    spec.norm = c.norm;
    torch::manual_seed(options_.seed);
    model::Network network(spec);
    const Batch batch{torch::randn({options_.batch_or(kBatch), spec.input.c, spec.input.h, spec.input.w}),
                      torch::randint(spec.classes_count(), {options_.batch_or(kBatch)}, torch::kInt64)};
    model::Network exact = model::clone(network);
    exact->to(torch::kFloat64);
    const auto wanted = gradients(exact, {batch.images.to(torch::kFloat64), batch.labels}, kLibtorch);
    std::vector<std::string> row{c.norm, std::to_string(c.steps)};
    for (const Way& way : kWays) {
      const auto errors = relative_errors(gradients(network, batch, way), wanted);
      const double worst = *std::ranges::max_element(errors), middle = median(errors);
      row.insert(row.end(), {fmt::format("{:.1e}", middle), fmt::format("{:.1e}", worst)});
      results_.push_back(
          {.name = fmt::format("{}/steps{}/{}/{}", case_name(options_, options_.batch_or(kBatch)), c.steps,
                               c.norm, way.name),
           .threads = torch::get_num_threads(),
           .metric = "gradient_error",
           .value = worst,
           .rival = "doubles",
           .ratio = {},
           .more = {{"median", middle}}});
    }
    table_.push_back(row);
  }

  std::vector<Result> finish() {
    fmt::print("{}: error of each parameter's gradient against libtorch in doubles, relative in norm\n\n{}",
               case_name(options_, options_.batch_or(kBatch)), text_table(table_));
    return std::move(results_);
  }

 private:
  const Options& options_;
  std::vector<Result> results_;
  std::vector<std::vector<std::string>> table_{{"norm", "steps", "checkpoint median", "worst", "bf16 median",
                                                "worst", "libtorch median", "worst", "adjoint median",
                                                "worst"}};
};

// `gn` beside `bn-per-step`: the adjoint's backward solve sees other states than the forward one, which batch
// statistics feel across the batch and group statistics do not.
std::vector<Result> run_gradients(const Options& options) {
  Measurement measurement(options);
  for (const char* norm : {"bn-per-step", "gn"})
    for (int steps : options.steps_or_sweep()) {
      throw_if_interrupted();
      measurement.measure({steps, norm});
    }
  return measurement.finish();
}

}  // namespace

Suite gradients_suite() { return {"gradients", run_gradients, {}, {}}; }

}  // namespace dsode::bench
