#include "ode/solve.h"

#include <gtest/gtest.h>

namespace dsode::ode {
namespace {

constexpr auto kAxpy = [](double z, double a, double k) { return z + a * k; };

// dz/dt = -2 t z^2 with z(0) = 1 has z(t) = 1 / (1 + t^2): nonlinear and time-dependent, so no order is
// flattered.
constexpr auto kRational = [](double z, EvalPoint p) { return -2 * p.t * z * z; };

double error_of(const Tableau& tableau, int steps) {
  return std::abs(solve_fixed(tableau, 1.0, 0.0, 1.0, steps, kRational, kAxpy) - 0.5);
}

class EveryTableau : public testing::TestWithParam<const Tableau*> {};

TEST_P(EveryTableau, MeasuredOrderIsTheDeclaredOrder) {
  const Tableau& tableau = *GetParam();
  const double order = std::log2(error_of(tableau, 16) / error_of(tableau, 32));
  EXPECT_NEAR(order, tableau.order, 0.35) << tableau.name;
}

TEST_P(EveryTableau, RowsSumToTheirTimesAndWeightsToOne) {
  const Tableau& tableau = *GetParam();
  double sum_b = 0, sum_error = 0;
  for (int i = 0; i < tableau.stages; ++i) {
    double sum_a = 0;
    for (double a : tableau.a[i]) sum_a += a;
    EXPECT_NEAR(sum_a, tableau.c[i], 1e-14) << tableau.name << " stage " << i;
    sum_b += tableau.b[i];
    sum_error += tableau.b_error[i];
  }
  EXPECT_NEAR(sum_b, 1, 1e-14);
  EXPECT_NEAR(sum_error, 0, 1e-14);
}

TEST_P(EveryTableau, EvaluatesEachStageOnceAStep) {
  const Tableau& tableau = *GetParam();
  int evaluations = 0;
  const auto f = [&](double z, EvalPoint) { return ++evaluations, -z; };
  solve_fixed(tableau, 1.0, 0.0, 1.0, 5, f, kAxpy);
  EXPECT_EQ(evaluations, 5 * tableau.stages);
}

INSTANTIATE_TEST_SUITE_P(Tableaus, EveryTableau, testing::ValuesIn(kTableaus),
                         [](const auto& info) { return std::string(info.param->name); });

double adaptive_error(double tolerance, AdaptiveStats& stats, double t0 = 0, double t1 = 1, double z0 = 1) {
  const auto norm = [&](double e, double z, double next) {
    return std::abs(e) / (tolerance + tolerance * std::max(std::abs(z), std::abs(next)));
  };
  const double z = solve_adaptive(
      kDopri5, z0, t0, t1, {tolerance, tolerance, 1000}, kRational, kAxpy, norm,
      [](double, double, double) {}, stats);
  return std::abs(z - 1 / (1 + t1 * t1));
}

TEST(Adaptive, ErrorFollowsTheTolerance) {
  AdaptiveStats loose, tight;
  EXPECT_LT(adaptive_error(1e-4, loose), 1e-4);
  EXPECT_LT(adaptive_error(1e-9, tight), 1e-8);
  EXPECT_GT(tight.evaluations, loose.evaluations);
}

TEST(Adaptive, IntegratesBackwards) {
  AdaptiveStats stats;
  EXPECT_LT(adaptive_error(1e-8, stats, 1, 0, 0.5), 1e-7);
}

TEST(Adaptive, GivesUpWithAClearError) {
  AdaptiveStats stats;
  const auto blow_up = [](double z, EvalPoint) { return z * z * z * 1e6; };
  const auto norm = [](double e, double, double) { return std::abs(e) / 1e-9; };
  EXPECT_THROW(solve_adaptive(
                   kDopri5, 1.0, 0.0, 1.0, {1e-9, 1e-9, 50}, blow_up, kAxpy, norm,
                   [](double, double, double) {}, stats),
               Error);
}

TEST(Solver, UnknownNameSuggestsTheNearest) {
  try {
    tableau("eulr");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("'euler'"), std::string::npos);
  }
}

}  // namespace
}  // namespace dsode::ode
