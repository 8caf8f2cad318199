#include "ode/tableau.h"

#include "base/error.h"
#include "base/names.h"

namespace dsode::ode {

std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for (const auto* tableau : kTableaus) names.emplace_back(tableau->name);
  return names;
}

const Tableau& tableau(std::string_view name) {
  for (const auto* tableau : kTableaus)
    if (tableau->name == name) return *tableau;
  throw bad_input(fmt::format("solver: unknown value '{}'", name), unknown_name_hint(name, solver_names()));
}

}  // namespace dsode::ode
