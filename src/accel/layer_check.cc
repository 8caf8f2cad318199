#include "accel/layer_check.h"

namespace dsode::accel {

LayerCheck::LayerCheck(const Program& program, const ir::integer::Graph& graph)
    : program_(program), golden_(graph) {
  ir::for_each_op(graph.ops, graph.spec.input, [&](const ir::integer::Op& op, Shape in) {
    if (std::holds_alternative<ir::integer::OdeLoop>(op.what)) return;
    index_[op.name] = results_.size();
    channels_[op.name] = ir::integer::output_shape(op, in).c;
    results_.push_back({op.name});
  });
}

std::vector<int32_t> LayerCheck::expect(std::span<const uint8_t> pixels) {
  std::vector<int32_t> scores(static_cast<size_t>(program_.classes));
  golden_.run(pixels, scores, &images_.emplace_back());
  return scores;
}

void LayerCheck::after(const SimCore& core) {
  if (const Probe probe = core.activation(); probe.valid) activation(probe);
  if (const Probe probe = core.operand(); probe.valid) operand(probe);
  if (const Probe probe = core.result(); probe.valid) result(probe);
}

bool LayerCheck::complete() const {
  return result_.image + 1 == images_.size() && result_.pass + 1 == static_cast<int>(program_.passes.size());
}

const Pass* LayerCheck::follow(Cursor& cursor, const Probe& probe) const {
  if (probe.pass != cursor.pass) {
    if (probe.pass < cursor.pass) ++cursor.image;
    cursor.pass = probe.pass;
    cursor.word = 0;
  }
  return cursor.image < images_.size() ? &program_.passes.at(static_cast<size_t>(probe.pass)) : nullptr;
}

template <class Value>
void LayerCheck::compare(const Cursor& at, const std::string& op, int evaluation, uint32_t groups,
                         uint32_t word, Value&& value) {
  const std::vector<int16_t>& map = images_[at.image].at({op, evaluation});
  LayerResult& result = results_[index_.at(op)];
  const auto lanes = static_cast<uint32_t>(program_.target.lanes),
             channels = static_cast<uint32_t>(channels_.at(op));
  const uint32_t pixel = word / groups, first = word % groups * lanes;
  for (uint32_t lane = 0; lane < lanes && first + lane < channels; ++lane) {
    const size_t i = size_t{pixel} * channels + first + lane;
    ++result.elements;
    result.differing += i >= map.size() || map[i] != value(lane);
  }
}

void LayerCheck::activation(const Probe& probe) {
  const Pass* pass = follow(activation_, probe);
  const uint32_t word = activation_.word++;
  if (!pass || pass->norm.empty()) return;
  const Descriptor& d = pass->descriptor;
  if (word >= d.pixels * d.groups_in) return;  // past the map, windows only leave
  compare(activation_, pass->norm, pass->evaluation, d.groups_in, word, [&](uint32_t lane) {
    const auto byte = static_cast<uint8_t>(probe.words[lane / 4] >> lane % 4 * 8);
    return d.signed_source ? int{static_cast<int8_t>(byte)} : int{byte};
  });
}

void LayerCheck::operand(const Probe& probe) {
  const Pass* pass = follow(operand_, probe);
  const uint32_t word = operand_.word++;
  if (!pass || pass->window == pass->result) return;  // the stem's are pixels
  const Descriptor& d = pass->descriptor;
  const int offset = d.window == uint32_t(Window::kPool) ? 128 : 0;
  compare(operand_, pass->window, pass->evaluation, d.groups_in, word,
          [&](uint32_t lane) { return static_cast<int8_t>(probe.words[lane / 4] >> lane % 4 * 8) + offset; });
}

void LayerCheck::result(const Probe& probe) {
  const Pass* pass = follow(result_, probe);
  if (!pass || pass->descriptor.dst == uint32_t(Destination::kScores)) return;
  const Descriptor& d = pass->descriptor;
  compare(result_, pass->result, pass->evaluation, d.groups_out, probe.address - d.dst_base,
          [&](uint32_t lane) { return static_cast<int32_t>(probe.words[lane]); });
}

}  // namespace dsode::accel
