// A float graph in libtorch, computed as its integer model would be, with gradients: what quantisation-aware
// fine-tuning trains.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "quant/unit.h"

namespace dsode::adapt {

class QuantizedNetwork {
 public:
  // Starts from the graph's weights and the calibrated scales. Throws bad_input where the graph has no
  // integer form.
  QuantizedNetwork(const ir::Graph& graph, quant::Scales scales, const ir::integer::Bits& bits);
  QuantizedNetwork(const QuantizedNetwork&) = delete;

  // Logits [N,classes] of normalised images [N,C,H,W]. Rounding passes gradients straight through (Bengio et
  // al., arXiv 1308.3432); the steps get those of learned step size quantisation (Esser et al., arXiv
  // 1902.08153).
  torch::Tensor forward(const torch::Tensor& images) const;

  // Whether weights and maps are rounded (they are at first); without, it is the float graph.
  void set_rounding(bool rounding) { rounding_ = rounding; }

  // Weights, biases, the norms' gains and the logarithms of all steps but the states'.
  std::vector<torch::Tensor> parameters() const;

  // What has been learned, for quant::quantize.
  ir::Graph graph() const;
  quant::Scales scales() const;

 private:
  struct Moment {
    int evaluation = 0;
    double t = 0;
  };

  void add_parameters(const quant::Unit& unit);
  torch::Tensor rounded(const torch::Tensor& x, const torch::Tensor& step, int lo, int hi) const;
  torch::Tensor run(const std::vector<quant::Unit>& units, torch::Tensor x, Moment at) const;
  torch::Tensor run(const quant::Unit& unit, const torch::Tensor& x, Moment at) const;
  torch::Tensor solve(const quant::Unit& loop, torch::Tensor z) const;
  torch::Tensor convolve(const quant::Unit& unit, const torch::Tensor& x, double t) const;
  torch::Tensor weight(const quant::Unit& unit) const;
  torch::Tensor time_bias(const quant::Unit& unit, const torch::Tensor& map, double t) const;
  torch::Tensor normalize(const quant::Unit& unit, const torch::Tensor& x, int evaluation) const;
  torch::Tensor round_map(const quant::Unit& unit, const torch::Tensor& x) const;
  torch::Tensor round_state(const quant::Unit& unit, const torch::Tensor& z, bool relu) const;
  const torch::Tensor& at(const std::string& name) const;

  ir::Graph graph_;
  quant::Scales start_;
  ir::integer::Bits bits_;
  bool rounding_ = true;
  std::vector<quant::Unit> units_;
  std::map<std::string, torch::Tensor> parameters_;  // "<op>.weight", ".bias", ".gain", "<scale>.step"
  std::map<std::string, torch::Tensor> state_steps_;
};

}  // namespace dsode::adapt
