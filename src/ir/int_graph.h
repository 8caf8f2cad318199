// The integer model, the contract between software and hardware: operations on maps [H,W,C] of integers whose
// every bit docs/numerics.md defines. Here is what they hold and the artifact that carries it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>

#include "ir/graph.h"

namespace dsode::ir::integer {

inline constexpr const char* kFormat = "dsodenet-int/1";
inline constexpr const char* kRemedy =
    "name a folder that `dsodenet quantize` wrote, or its model.safetensors";
inline constexpr const char* kFileName = "model.safetensors";  // in the artifact's folder
inline constexpr int kAccumulatorBits = 27;                    // |acc| < 2^26

// Widths of what the operations exchange, in bits.
struct Bits {
  int weight = 8;      // signed, symmetric: +-(2^(weight-1) - 1)
  int activation = 8;  // after a ReLU unsigned, else signed
  int state = 16;      // signed

  int weight_max() const { return (1 << (weight - 1)) - 1; }
  int activation_max() const { return (1 << activation) - 1; }    // of an unsigned one
  int signed_max() const { return (1 << (activation - 1)) - 1; }  // of a signed one, the minimum is -max - 1
  int state_max() const { return (1 << (state - 1)) - 1; }        // the minimum is -max - 1
};

// Dense 3x3 of the stem: pixels -> state >= 0 (its ReLU).
struct Conv {
  int out = 0;
  std::vector<uint8_t> zero;         // [in] the pixel that means 0, what the padding holds
  std::vector<int8_t> weight;        // [3,3,in,out]
  std::vector<int32_t> bias;         // [out]
  std::vector<uint16_t> multiplier;  // [out]
  int shift = 1;
};

// state -> unsigned activation, or signed where there is no ReLU. One row for each evaluation, or one for
// all.
struct Affine {
  int rows = 1;
  bool relu = true;
  std::vector<int16_t> scale;  // [rows,C]
  std::vector<int32_t> bias;   // [rows,C]
  int shift = 1;
};

// Depthwise 3x3: activation -> signed activation.
struct DwConv {
  int stride = 1;
  std::vector<int8_t> weight;        // [3,3,C]
  std::vector<uint16_t> multiplier;  // [C]
  int shift = 1;
};

// Pointwise: signed activation -> what `to` says.
//   "activation"  unsigned activation, a ReLU
//   "state"       state >= 0 (a transition's ReLU)
//   "increment"   added to the state of the loop; closes its body
struct PwConv {
  int out = 0;
  std::string to = "activation";
  int rows = 1;  // evaluation e uses row e % rows: 1, the stages of a step, or all evaluations
  bool timed = false;
  std::vector<int8_t> weight;        // [in,out]
  std::vector<int32_t> bias;         // [rows,out]
  std::vector<int32_t> time;         // [9,out] where timed: of half a step
  std::vector<uint16_t> multiplier;  // [rows,out]
  int shift = 1;
};

// Sum over all pixels: activation -> activation [1,1,C].
struct Pool {
  std::vector<uint16_t> multiplier;  // [C]
  int shift = 1;
};

// activation [1,1,C] -> one score a class, 32 bit.
struct Linear {
  int out = 0;
  std::vector<int8_t> weight;        // [in,out]
  std::vector<int32_t> bias;         // [out]
  std::vector<uint16_t> multiplier;  // [out]
  int shift = 1;
};

struct Op;
using OdeLoop =
    Loop<Op>;  // solver euler or midpoint: each evaluation ends in the state that the next one reads

struct Op {
  static const std::vector<std::string> kKinds;
  std::string name;
  std::variant<Conv, Affine, DwConv, PwConv, Pool, Linear, OdeLoop> what;
};

struct Graph {
  ModelSpec spec;
  Bits bits;
  double logit_scale = 1;  // a score's unit: logit = logit_scale * score
  std::vector<Op> ops;
};

// Sees every map that an image makes in whatever runs the model.
class Observer {
 public:
  virtual ~Observer() = default;
  // The result of the operation `op` in evaluation `evaluation` of its loop (0 outside of one), [H,W,C]; not
  // called for loops, whose state is the result of the increment that closes their body, nor for the scores.
  virtual void after(const std::string& op, int evaluation, Shape shape,
                     std::span<const int16_t> map) noexcept = 0;
};

// Every map that an image makes, by operation and evaluation.
struct Maps : Observer, std::map<std::pair<std::string, int>, std::vector<int16_t>> {
  void after(const std::string& op, int evaluation, Shape, std::span<const int16_t> map) noexcept override {
    (*this)[{op, evaluation}].assign(map.begin(), map.end());
  }
};

Shape output_shape(const Op& op, Shape in);

// Half steps from t = 0 to evaluation `e` of a loop: t = tau / (2 steps).
inline int tau(const OdeLoop& loop, int e) {
  const ode::Tableau& tableau = loop.tableau();
  return 2 * (e / tableau.stages) + static_cast<int>(2 * tableau.c[e % tableau.stages]);
}

// Calls visit(field, values, shape) for each tensor of `op`, whose input has `in` channels.
template <class Operation, class Visit>
void visit_tensors(Operation& op, int64_t in, Visit&& visit) {
  using Dims = std::vector<int64_t>;
  std::visit(
      [&](auto& what) {
        using What = std::remove_const_t<std::remove_reference_t<decltype(what)>>;
        if constexpr (std::is_same_v<What, Conv>) {
          visit("zero", what.zero, Dims{in});
          visit("weight", what.weight, Dims{3, 3, in, what.out});
          visit("bias", what.bias, Dims{what.out});
          visit("multiplier", what.multiplier, Dims{what.out});
        } else if constexpr (std::is_same_v<What, Affine>) {
          visit("scale", what.scale, Dims{what.rows, in});
          visit("bias", what.bias, Dims{what.rows, in});
        } else if constexpr (std::is_same_v<What, DwConv>) {
          visit("weight", what.weight, Dims{3, 3, in});
          visit("multiplier", what.multiplier, Dims{in});
        } else if constexpr (std::is_same_v<What, PwConv>) {
          visit("weight", what.weight, Dims{in, what.out});
          visit("bias", what.bias, Dims{what.rows, what.out});
          if (what.timed) visit("time", what.time, Dims{kBorderClasses, what.out});
          visit("multiplier", what.multiplier, Dims{what.rows, what.out});
        } else if constexpr (std::is_same_v<What, Pool>) {
          visit("multiplier", what.multiplier, Dims{in});
        } else if constexpr (std::is_same_v<What, Linear>) {
          visit("weight", what.weight, Dims{in, what.out});
          visit("bias", what.bias, Dims{what.out});
          visit("multiplier", what.multiplier, Dims{what.out});
        }
      },
      op.what);
}

// Throws bad_input naming `origin` and the operation unless every operation fits what it reads and no
// accumulator can leave its 27 bits, whatever the image.
void check(const Graph& graph, const std::string& origin);

// The whole artifact, checked, as a file of bytes or read back from one.
SafeTensors to_file(const Graph& graph);
Graph from_file(const SafeTensors& file);

// DIR/model.safetensors.
void save(const std::filesystem::path& dir, const Graph& graph);
// `path` is the folder or the file.
Graph load(const std::filesystem::path& path);

}  // namespace dsode::ir::integer
