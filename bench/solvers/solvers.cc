// Suite `solvers`: the order at which each tableau converges to closed forms, against the order it declares.
#include <array>
#include <cmath>

#include "base/text_table.h"
#include "bench/suite.h"
#include "ode/solve.h"

namespace dsode::bench {

namespace {

using State = std::array<double, 2>;

constexpr auto kAxpy = [](State z, double a, const State& k) {
  return State{z[0] + a * k[0], z[1] + a * k[1]};
};

// dz/dt = f(z, t) over [0,1] from `start`, with the known `end`.
struct Problem {
  const char* name;
  const char* formula;
  State (*f)(const State& z, double t);
  State start, end;
};

const std::array kProblems{Problem{"rational",
                                   "z' = -2 t z^2",
                                   [](const State& z, double t) {
                                     return State{-2 * t * z[0] * z[0], 0};
                                   },
                                   {1, 0},
                                   {0.5, 0}},
                           Problem{"growth",
                                   "z' = z cos t",
                                   [](const State& z, double t) {
                                     return State{z[0] * std::cos(t), 0};
                                   },
                                   {1, 0},
                                   {std::exp(std::sin(1.0)), 0}},
                           Problem{"rotation",
                                   "z'' = -z",
                                   [](const State& z, double) {
                                     return State{z[1], -z[0]};
                                   },
                                   {1, 0},
                                   {std::cos(1.0), -std::sin(1.0)}}};

double error_of(const ode::Tableau& tableau, const Problem& problem, int steps) {
  const auto eval = [&](const State& z, ode::EvalPoint point) { return problem.f(z, point.t); };
  const State z = ode::solve_fixed(tableau, problem.start, 0.0, 1.0, steps, eval, kAxpy);
  return std::hypot(z[0] - problem.end[0], z[1] - problem.end[1]);
}

// Coarse enough that the error of order 5 stays far above the rounding of float64.
constexpr int kSteps = 16;

std::vector<Result> run_solvers(const Options&) {
  std::vector<std::vector<std::string>> table{
      {"solver", "problem", "declared", "measured", fmt::format("error, {} steps", 2 * kSteps)}};
  std::vector<Result> results;
  for (const ode::Tableau* tableau : ode::kTableaus)
    for (const Problem& problem : kProblems) {
      const double coarse = error_of(*tableau, problem, kSteps),
                   fine = error_of(*tableau, problem, 2 * kSteps);
      const double order = std::log2(coarse / fine);
      table.push_back({std::string(tableau->name), problem.formula, std::to_string(tableau->order),
                       fmt::format("{:.2f}", order), fmt::format("{:.1e}", fine)});
      results.push_back({.name = fmt::format("{}/fp64/{}", tableau->name, problem.name),
                         .threads = 1,
                         .metric = "order",
                         .value = order,
                         .rival = "declared",
                         .ratio = order / tableau->order,
                         .more = {{"error", fine}}});
    }
  fmt::print("order from the errors at {} and {} steps over [0,1]\n\n{}", kSteps, 2 * kSteps,
             text_table(table));
  return results;
}

}  // namespace

Suite solvers_suite() { return {"solvers", run_solvers, {}, {}}; }

}  // namespace dsode::bench
