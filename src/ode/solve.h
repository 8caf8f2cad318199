// Integration of dz/dt = f(z, t) by a tableau, over any state type.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "ode/tableau.h"

namespace dsode::ode {

// Where an evaluation of f stands: solver step, stage in the step, and the time it is taken at.
struct EvalPoint {
  int step;
  int stage;
  double t;
};

// One explicit step from (z, t) of size h. `eval(z, EvalPoint) -> State`, `axpy(z, a, k) -> State` is z + a
// k. `first` is k_1 where it is known already (first same as last). The stages' slopes are left in `slopes`.
template <class State, class Eval, class Axpy>
State rk_step(const Tableau& tableau, const State& z, double t, double h, int step, Eval&& eval, Axpy&& axpy,
              std::vector<State>& slopes, const State* first = nullptr) {
  slopes.clear();
  for (int i = 0; i < tableau.stages; ++i) {
    if (i == 0 && first) {
      slopes.push_back(*first);
      continue;
    }
    State stage = z;
    for (int j = 0; j < i; ++j)
      if (tableau.a[i][j] != 0) stage = axpy(stage, h * tableau.a[i][j], slopes[j]);
    slopes.push_back(eval(stage, EvalPoint{step, i, t + tableau.c[i] * h}));
  }
  State next = z;
  for (int i = 0; i < tableau.stages; ++i)
    if (tableau.b[i] != 0) next = axpy(next, h * tableau.b[i], slopes[i]);
  return next;
}

// `steps` equal steps over [t0, t1].
template <class State, class Eval, class Axpy>
State solve_fixed(const Tableau& tableau, State z, double t0, double t1, int steps, Eval&& eval,
                  Axpy&& axpy) {
  const double h = (t1 - t0) / steps;
  std::vector<State> slopes;
  for (int step = 0; step < steps; ++step)
    z = rk_step(tableau, z, t0 + step * h, h, step, eval, axpy, slopes);
  return z;
}

struct AdaptiveOptions {
  double rtol = 1e-3, atol = 1e-4;
  int max_steps = 1000;
};

struct AdaptiveStats {
  int accepted = 0, rejected = 0, evaluations = 0;
};

// Steps chosen so that the embedded error stays within tolerance: `error_norm(e, z, z')` is the norm of the
// error over atol + rtol max(|z|, |z'|), accepted up to 1. Controller of Hairer, Norsett, Wanner, Solving
// ODEs I, II.4. `on_step(z, t, h)` sees each accepted step's start. Throws failed when max_steps do not
// suffice.
template <class State, class Eval, class Axpy, class ErrorNorm, class OnStep>
State solve_adaptive(const Tableau& tableau, State z, double t0, double t1, const AdaptiveOptions& options,
                     Eval&& eval, Axpy&& axpy, ErrorNorm&& error_norm, OnStep&& on_step,
                     AdaptiveStats& stats) {
  DSODE_CHECK(tableau.has_error_estimate(), "{}", tableau.name);
  const double direction = t1 >= t0 ? 1 : -1;
  double t = t0, h = (t1 - t0) / 10;
  std::optional<State> first;
  std::vector<State> slopes;
  while ((t1 - t) * direction > 1e-12) {
    if (stats.accepted + stats.rejected >= options.max_steps)
      throw failed(
          fmt::format("{}: no convergence in {} steps (t = {:.4g})", tableau.name, options.max_steps, t),
          "loosen rtol and atol, or use a fixed-step solver");
    if ((t + h - t1) * direction > 0) h = t1 - t;
    const State next =
        rk_step(tableau, z, t, h, stats.accepted, eval, axpy, slopes, first ? &*first : nullptr);
    stats.evaluations += tableau.stages - (first ? 1 : 0);
    State error = axpy(slopes[0], -1.0, slopes[0]);
    for (int i = 0; i < tableau.stages; ++i)
      if (tableau.b_error[i] != 0) error = axpy(error, h * tableau.b_error[i], slopes[i]);
    const double norm = error_norm(error, z, next);
    const bool accept = norm <= 1;
    if (accept) {
      on_step(z, t, h);
      t += h;
      z = next;
      ++stats.accepted;
      if (tableau.first_same_as_last) first = slopes.back();
    } else {
      ++stats.rejected;
      first = slopes.front();
    }
    const double factor =
        std::isfinite(norm) ? 0.9 * std::pow(std::max(norm, 1e-10), -1.0 / tableau.order) : 0.2;
    h *= std::clamp(factor, 0.2, accept ? 5.0 : 1.0);
  }
  return z;
}

}  // namespace dsode::ode
