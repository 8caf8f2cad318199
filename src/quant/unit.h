// Which float operations become one integer operation: the one reading of the graph that calibration, fake
// quantisation, fine-tuning and quantisation share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "ir/int_graph.h"

namespace dsode::quant {

// Real value of one integer step, by channel: of a unit's map under its name, of a loop's state (one value)
// under the loop's, of weights under "<unit>.weight". What calibration finds and fine-tuning learns.
using Scales = std::map<std::string, ir::Floats>;

// Of integers, both ends in it.
struct Range {
  int lo, hi;
};

struct Unit {
  enum class Kind { kStem, kNorm, kCast, kDepthwise, kPointwise, kPool, kLinear, kLoop };

  Kind kind;
  std::string name = {};           // of the integer operation
  const ir::Op* op = nullptr;      // the convolution, pool, linear or loop
  const ir::Op* norm = nullptr;    // the affine behind the convolution, or that kNorm is; null: none
  const ir::Op* result = nullptr;  // the float operation that gives what the unit's map holds
  std::string to = {};             // of kPointwise: see ir::integer::PwConv
  std::string operand = {};        // the unit whose map is read; empty: pixels or a state
  std::string state = {};          // the loop whose state is read (kNorm, kCast) or written; empty: none
  std::vector<Unit> body = {};     // of kLoop

  const ir::Affine* affine() const { return norm ? &std::get<ir::Affine>(norm->what) : nullptr; }
  // Whether it gives an activation, with scales of its own: a state shares the loop's, scores have no range.
  bool has_map() const;
  Range range(const ir::integer::Bits& bits) const;  // of that map
  bool has_weight() const;
};

// What of `spec` has no integer form ("solver rk4"); empty where all has one.
std::string without_integer_form(const ir::ModelSpec& spec);

// The units of `graph`, which must outlive them. Throws bad_input naming family, norm, solver, stem or
// operation that has no integer form.
std::vector<Unit> units_of(const ir::Graph& graph);

// The weight or bias of an operation that has one.
ir::Floats& weight_of(ir::Op& op);
ir::Floats& bias_of(ir::Op& op);
inline const ir::Floats& weight_of(const ir::Op& op) { return weight_of(const_cast<ir::Op&>(op)); }
inline const ir::Floats& bias_of(const ir::Op& op) { return bias_of(const_cast<ir::Op&>(op)); }

// Calls visit(unit) for every unit in order, a loop before its body.
template <class Visit>
void for_each_unit(const std::vector<Unit>& units, Visit&& visit) {
  for (const Unit& unit : units) {
    visit(unit);
    for_each_unit(unit.body, visit);
  }
}

}  // namespace dsode::quant
