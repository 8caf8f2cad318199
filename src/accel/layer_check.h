// Compares every map inside of a simulated accelerator with the golden interpreter's, while it runs.
#pragma once

#include <deque>
#include <map>

#include "accel/program.h"
#include "accel/simulation.h"
#include "quant/golden.h"

namespace dsode::accel {

// What an operation's maps gave.
struct LayerResult {
  std::string op;
  uint64_t elements = 0, differing = 0;
};

class LayerCheck : public Simulation::Watcher {
 public:
  // `program` is of `graph`, and outlives this.
  LayerCheck(const Program& program, const ir::integer::Graph& graph);

  // The next image that goes in; its scores.
  std::vector<int32_t> expect(std::span<const uint8_t> pixels);
  void after(const SimCore& core) override;
  // By operation, in the order of the model.
  const std::vector<LayerResult>& results() const { return results_; }
  // Whether every word of every pass of the images that were expected has come.
  bool complete() const;

 private:
  // Where one of the three kinds of probes stands.
  struct Cursor {
    size_t image = 0;
    int pass = -1;
    uint32_t word = 0;  // in the pass
  };

  void activation(const Probe& probe);
  void operand(const Probe& probe);
  void result(const Probe& probe);
  const Pass* follow(Cursor& cursor, const Probe& probe) const;
  // `value(lane)` against word `word` of an operation's map.
  template <class Value>
  void compare(const Cursor& at, const std::string& op, int evaluation, uint32_t groups, uint32_t word,
               Value&& value);

  const Program& program_;
  quant::Golden golden_;
  std::deque<ir::integer::Maps> images_;
  Cursor activation_, operand_, result_;
  std::vector<LayerResult> results_;
  std::map<std::string, size_t> index_;
  std::map<std::string, int> channels_;
};

}  // namespace dsode::accel
