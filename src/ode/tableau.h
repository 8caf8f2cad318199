// Butcher tableaus of the explicit Runge-Kutta solvers: the one place that defines a solver. Everything that
// solves (tensors, kernels, integer model, hardware) executes such a plan with its own `eval` and `axpy`.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsode::ode {

inline constexpr int kMaxStages = 7;

// Explicit Runge-Kutta: k_i = f(z + h sum_j a[i][j] k_j, t + c[i] h), z' = z + h sum_i b[i] k_i.
struct Tableau {
  std::string_view name;
  int order;
  int stages;
  std::array<double, kMaxStages> c;
  std::array<std::array<double, kMaxStages>, kMaxStages> a;
  std::array<double, kMaxStages> b;
  std::array<double, kMaxStages>
      b_error;              // b - b^ of the embedded lower-order solution; zero where there is none
  bool first_same_as_last;  // k_1 of a step is the last stage of the step before
  bool has_error_estimate() const {
    for (double e : b_error)
      if (e != 0) return true;
    return false;
  }
};

inline constexpr Tableau kEuler{"euler", 1, 1, {0}, {{{0}}}, {1}, {}, false};
inline constexpr Tableau kMidpoint{"midpoint", 2, 2, {0, 0.5}, {{{0}, {0.5}}}, {0, 1}, {}, false};
inline constexpr Tableau kHeun{"heun", 2, 2, {0, 1}, {{{0}, {1}}}, {0.5, 0.5}, {}, false};
inline constexpr Tableau kRk4{"rk4",
                              4,
                              4,
                              {0, 0.5, 0.5, 1},
                              {{{0}, {0.5}, {0, 0.5}, {0, 0, 1}}},
                              {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6},
                              {},
                              false};
// Dormand, Prince (1980): order 5 with an embedded order 4.
inline constexpr Tableau kDopri5{
    "dopri5",
    5,
    7,
    {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1},
    {{{0},
      {1.0 / 5},
      {3.0 / 40, 9.0 / 40},
      {44.0 / 45, -56.0 / 15, 32.0 / 9},
      {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
      {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
      {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}}},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0},
    {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40},
    true};

inline constexpr std::array<const Tableau*, 5> kTableaus{&kEuler, &kMidpoint, &kHeun, &kRk4, &kDopri5};

std::vector<std::string> solver_names();
// Throws bad_input with the nearest name.
const Tableau& tableau(std::string_view name);

}  // namespace dsode::ode
