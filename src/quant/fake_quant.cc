#include "quant/fake_quant.h"

#include "quant/quantize.h"

namespace dsode::quant {

using ir::Floats;

namespace {

void round_map(std::span<float> map, const Floats& steps, Range range) {
  for (size_t i = 0; i < map.size(); ++i) {
    const float step = steps[i % steps.size()];
    map[i] = step * static_cast<float>(quantized(map[i], step, range.lo, range.hi));
  }
}

}  // namespace

Floats rounded_weights(const Unit& unit, const Scales& scales, const ir::ModelSpec& spec, int max) {
  const Floats stepped = operand_weights(unit, scales, spec);
  const Floats& steps = scales.at(unit.name + ".weight");
  Floats result = weight_of(*unit.op);
  for (size_t i = 0; i < result.size(); ++i) {
    const float step = steps[i % steps.size()];
    // Back from operand steps by the ratio that operand_weights multiplied with.
    if (stepped[i] != 0)
      result[i] *= step * static_cast<float>(quantized(stepped[i], step, -max, max)) / stepped[i];
  }
  return result;
}

class FakeQuant::Rounder : public ir::Probe {
 public:
  Rounder(const FakeQuant& model, ir::Probe* watch) : model_(model), watch_(watch) {}

  void after(const ir::Op& op, int evaluation, Shape shape, std::span<float> map) override {
    if (watch_) watch_->after(op, evaluation, shape, map);
    round(model_.maps_, op.name, map);
  }
  void state(const ir::Op& loop, Shape shape, std::span<float> map) override {
    round(model_.states_, loop.name, map);
    if (watch_) watch_->state(loop, shape, map);
  }

 private:
  static void round(const std::map<std::string, Rounding>& known, const std::string& name,
                    std::span<float> map) {
    if (const auto found = known.find(name); found != known.end())
      round_map(map, found->second.steps, found->second.range);
  }

  const FakeQuant& model_;
  ir::Probe* watch_;
};

FakeQuant::FakeQuant(const ir::Graph& graph, const Scales& scales, const ir::integer::Bits& bits,
                     const std::function<bool(const Unit&)>& chosen)
    : graph_(graph) {
  const auto ops = ir::ops_by_name(graph_);
  const std::vector<Unit> units = units_of(graph);
  for_each_unit(units, [&](const Unit& unit) {
    if (chosen && !chosen(unit)) return;
    if (unit.has_weight())
      weight_of(*ops.at(unit.op->name)) = rounded_weights(unit, scales, graph.spec, bits.weight_max());
    if (unit.has_map()) maps_[unit.result->name] = {scales.at(unit.name), unit.range(bits)};
    if (unit.kind == Unit::Kind::kLoop)
      states_[unit.name] = {scales.at(unit.name), {-bits.state_max() - 1, bits.state_max()}};
  });
}

ir::Scores FakeQuant::run(std::span<const float> image, ir::Probe* watch) const {
  Rounder rounder(*this, watch);
  return ir::interpret(graph_, image, &rounder);
}

}  // namespace dsode::quant
