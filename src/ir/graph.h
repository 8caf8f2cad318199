// The waist between training and everything that runs: a trained network as a chain of plain operations on
// maps [H,W,C] of floats, channels innermost in maps and weights alike. Norms are scale and bias an
// evaluation, time is a bias that knows the border, an ODE block is a loop with the steps of its solver.
#pragma once

#include <filesystem>
#include <map>

#include "ir/op_list.h"

namespace dsode::ir {

inline constexpr const char* kGraphFormat = "dsodenet-ir/1";

using Floats = std::vector<float>;

// A constant channel t in front of a zero-padded 3x3 convolution of stride 1 adds t times one of 9 values an
// output channel, by which taps the border cuts off: row class 3 * {top, middle, bottom} + {left, middle,
// right}, for maps of at least 2x2.
inline constexpr int kBorderClasses = 9;
inline int border_class(int y, int x, int h, int w) {
  const auto third = [](int i, int n) { return i == 0 ? 0 : i + 1 < n ? 1 : 2; };
  return 3 * third(y, h) + third(x, w);
}

// Dense convolution, zero padding size / 2.
struct Conv {
  int size = 3, stride = 1, out = 0;
  bool timed = false;
  Floats weight;  // [size,size,in,out]
  Floats bias;    // [out]
  Floats time;    // [9,out] where timed
};

// Depthwise 3x3, zero padding 1.
struct DwConv {
  int stride = 1;
  Floats weight;  // [3,3,C]
};

// Pointwise 1x1. `time` is seen through the depthwise convolution before it.
struct PwConv {
  int out = 0;
  bool timed = false;
  Floats weight;  // [in,out]
  Floats bias;    // [out]
  Floats time;    // [9,out] where timed
};

// y = scale x + bias, a row for each evaluation of the ODE function, or one row for all.
struct Affine {
  int rows = 1;
  Floats scale, bias;  // [rows,C]
};

// Mean and variance over the pixels and channels of a group, then scale and bias.
struct GroupNorm {
  int groups = 1;
  Floats scale, bias;  // [C]
};

struct Relu {};
struct MaxPool {};   // 3x3, stride 2, padding 1
struct MeanPool {};  // over all pixels: [1,1,C]

struct Linear {
  int out = 0;
  Floats weight;  // [in,out]
  Floats bias;    // [out]
};

struct Op;
using OdeLoop = Loop<Op>;

struct Op {
  static const std::vector<std::string> kKinds;
  std::string name;  // unique in the graph, e.g. "stage1.conv1.pw"; its tensors are "<name>.weight", ...
  std::variant<Conv, DwConv, PwConv, Affine, GroupNorm, Relu, MaxPool, MeanPool, Linear, OdeLoop> what;
};

struct Graph {
  ModelSpec spec;  // of the network it came from; input shape and preprocessing hold for the graph
  std::vector<Op> ops;
};

// Shape of the result for an input of shape `in`; the op's sizes are taken as right.
Shape output_shape(const Op& op, Shape in);

// The operations, those of loops among them, by their names.
std::map<std::string, Op*> ops_by_name(Graph& graph);

// Calls visit(field, values, shape) for each tensor of `op`, whose input has `in` channels: the one list of
// what an operation holds, for saving, loading and checking.
template <class Operation, class Visit>
void visit_tensors(Operation& op, int64_t in, Visit&& visit) {
  const auto convolution = [&](auto& conv, const std::vector<int64_t>& weight) {
    visit("weight", conv.weight, weight);
    visit("bias", conv.bias, std::vector<int64_t>{conv.out});
    if (conv.timed) visit("time", conv.time, std::vector<int64_t>{kBorderClasses, conv.out});
  };
  std::visit(
      [&](auto& what) {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, Conv>) {
          convolution(what, {what.size, what.size, in, what.out});
        } else if constexpr (std::is_same_v<What, DwConv>) {
          visit("weight", what.weight, std::vector<int64_t>{3, 3, in});
        } else if constexpr (std::is_same_v<What, PwConv>) {
          convolution(what, {in, what.out});
        } else if constexpr (std::is_same_v<What, Affine>) {
          visit("scale", what.scale, std::vector<int64_t>{what.rows, in});
          visit("bias", what.bias, std::vector<int64_t>{what.rows, in});
        } else if constexpr (std::is_same_v<What, GroupNorm>) {
          visit("scale", what.scale, std::vector<int64_t>{in});
          visit("bias", what.bias, std::vector<int64_t>{in});
        } else if constexpr (std::is_same_v<What, Linear>) {
          visit("weight", what.weight, std::vector<int64_t>{in, what.out});
          visit("bias", what.bias, std::vector<int64_t>{what.out});
        }
      },
      op.what);
}

void save_graph(const std::filesystem::path& path, const Graph& graph);
// Throws bad_input naming file, operation and field for anything that is not a whole, finite graph.
Graph load_graph(const std::filesystem::path& path);
Graph graph_from(const SafeTensors& file);

}  // namespace dsode::ir
