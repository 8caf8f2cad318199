#include "quant/bias_correction.h"

#include "base/progress.h"
#include "quant/fake_quant.h"

namespace dsode::quant {

using ir::Floats;
using ir::Op;

namespace {

using Row = std::vector<double>;  // by channel
using Rows = std::vector<Row>;    // by evaluation

// Mean of each operation's result.
class Means : public ir::Probe {
 public:
  explicit Means(int images) : images_(images) {}

  void after(const Op& op, int evaluation, Shape shape, std::span<float> map) override {
    add(rows_[op.name], static_cast<size_t>(evaluation), shape, map);
  }
  void add_pixels(Shape shape, std::span<const float> image) { add(pixels_, 0, shape, image); }

  const Rows& of(const Op& op) const { return rows_.at(op.name); }
  const Rows& of_pixels() const { return pixels_; }

 private:
  void add(Rows& rows, size_t evaluation, Shape shape, std::span<const float> map) const {
    if (rows.size() <= evaluation) rows.resize(evaluation + 1);
    const auto channels = static_cast<size_t>(shape.c);
    rows[evaluation].resize(channels);
    const double share = static_cast<double>(channels) / (static_cast<double>(shape.size()) * images_);
    for (size_t i = 0; i < map.size(); ++i) rows[evaluation][i % channels] += share * map[i];
  }

  int images_;
  std::map<std::string, Rows> rows_;
  Rows pixels_;
};

class Corrector {
 public:
  Corrector(const ir::Graph& graph, const Scales& scales, const ir::integer::Bits& bits, const Means& means)
      : graph_(graph), scales_(scales), bits_(bits), means_(means), units_(units_of(graph)) {
    for_each_unit(units_, [&](const Unit& unit) { by_name_[unit.name] = &unit; });
  }

  ir::Graph run() const {
    ir::Graph corrected = graph_;
    const auto ops = ir::ops_by_name(corrected);
    for_each_unit(units_, [&](const Unit& unit) {
      if (!unit.has_weight() || unit.kind == Unit::Kind::kDepthwise) return;
      give_back(unit, bias_of(*ops.at((unit.norm ? unit.norm : unit.op)->name)));
    });
    return corrected;
  }

 private:
  // `bias` [rows x channels] gets what each row lost, on average over the evaluations that use it.
  void give_back(const Unit& unit, Floats& bias) const {
    const Rows lost = lost_by(unit);
    const size_t channels = lost.front().size(), rows = bias.size() / channels;
    const double uses = static_cast<double>(lost.size()) / static_cast<double>(rows);
    for (size_t e = 0; e < lost.size(); ++e)
      for (size_t k = 0; k < channels; ++k) {
        const size_t i = (e % rows) * channels + k;
        bias[i] += static_cast<float>((unit.norm ? unit.affine()->scale[i] : 1) * lost[e][k] / uses);
      }
  }

  // What `unit` gives less of than the float graph: by its own weights and those of the depthwise one before
  // it.
  Rows lost_by(const Unit& unit) const {
    const Floats& weight = weight_of(*unit.op);
    const Floats rounded = rounded_weights(unit, scales_, graph_.spec, bits_.weight_max());
    Rows operand = unit.operand.empty() ? means_.of_pixels() : means_.of(*by_name_.at(unit.operand)->result),
         lost;
    Rows before(operand.size(), Row(operand.front().size()));
    if (!unit.operand.empty() && by_name_.at(unit.operand)->kind == Unit::Kind::kDepthwise)
      before = lost_by(*by_name_.at(unit.operand));
    const size_t in = operand.front().size();
    const size_t out = unit.kind == Unit::Kind::kDepthwise ? in : scales_.at(unit.name + ".weight").size();
    for (size_t e = 0; e < operand.size(); ++e) {
      Row row(out);
      for (size_t i = 0; i < weight.size(); ++i) {
        const size_t c = unit.kind == Unit::Kind::kDepthwise ? i % in : (i / out) % in;
        row[i % out] += (double{weight[i]} - rounded[i]) * operand[e][c] + weight[i] * before[e][c];
      }
      lost.push_back(std::move(row));
    }
    return lost;
  }

  const ir::Graph& graph_;
  const Scales& scales_;
  const ir::integer::Bits& bits_;
  const Means& means_;
  std::vector<Unit> units_;
  std::map<std::string, const Unit*> by_name_;
};

}  // namespace

ir::Graph correct_biases(const ir::Graph& graph, const Scales& scales, const ir::integer::Bits& bits,
                         const data::Images& images) {
  Means means(images.n);
  Progress progress("correcting biases", "images", images.n);
  for (int i = 0; i < images.n; ++i, progress.advance(1)) {
    const Floats image = ir::normalized(graph.spec, images[i]);
    means.add_pixels(graph.spec.input, image);
    ir::interpret(graph, image, &means);
  }
  return Corrector(graph, scales, bits, means).run();
}

}  // namespace dsode::quant
