#include "run/int_executor.h"

#include <algorithm>

#include "run/take_op.h"

namespace dsode::run {

using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names

namespace {

// rsh of docs/numerics.md, clamped.
int32_t rescaled(int64_t acc, uint16_t multiplier, int shift, int64_t lo, int64_t hi) {
  return static_cast<int32_t>(std::clamp((acc * multiplier + (int64_t{1} << (shift - 1))) >> shift, lo, hi));
}

std::optional<IntHead> take_head(std::span<const Op> ops, size_t& first, Shape in, const Bits& bits) {
  size_t at = first;
  const auto* norm = take_op<Affine>(ops, at);
  const auto* pool = norm && norm->relu ? take_op<Pool>(ops, at) : nullptr;
  const auto* linear = pool ? take_op<Linear>(ops, at) : nullptr;
  if (!linear) return std::nullopt;
  const std::string &norm_name = ops[first].name, &pool_name = ops[first + 1].name;
  first = at;
  return IntHead{norm_name, pool_name, in, plan_norm(*norm, in.c, 0, bits), *pool, *linear};
}

}  // namespace

std::optional<IntExecutor> IntExecutor::plan(const Graph& graph, std::string& reason,
                                             const kernels::IntegerKernel& kernel) {
  IntExecutor executor;
  executor.target_ = {graph.bits, &kernel};
  executor.least_rows_ = graph.spec.input.h;
  if (!executor.add(graph, reason)) return std::nullopt;
  return executor;
}

bool IntExecutor::count(Shape in, Shape out, std::string& reason) {
  constexpr size_t kMaxMap = size_t{1} << 28;  // of values, which the kernels count in 32 bits
  for (const Shape shape : {whole(in), whole(out)}) {
    if (shape.size() > kMaxMap) {
      reason = "a map of " + shape.text();
      return false;
    }
    state_ = std::max(state_, cache_lines(shape.size() * sizeof(int16_t)));
    activation_ = std::max(activation_, cache_lines(shape.size()));
    sums_ = std::max(sums_, cache_lines(static_cast<size_t>(shape.c) * sizeof(int32_t)));
  }
  least_rows_ = std::min(least_rows_, out.h);
  scratch_ = std::max(scratch_, cache_lines(kernels::integer_scratch(in.w, whole(in.c))));
  return true;
}

bool IntExecutor::add(const Graph& graph, std::string& reason) {
  const std::span<const Op> ops = graph.ops;
  Shape shape = graph.spec.input;
  for (size_t at = 0; at < ops.size();) {
    const Op& op = ops[at];
    const Shape in = shape;
    if (std::holds_alternative<Conv>(op.what)) {
      parts_.emplace_back(IntStem(op, shape, target_));
      shape = std::get<IntStem>(parts_.back()).out();
      ++at;
    } else if (std::holds_alternative<OdeLoop>(op.what)) {
      if (!add_loop(op, shape, reason)) return false;
      ++at;
    } else if (auto head = take_head(ops, at, shape, target_.bits)) {
      parts_.emplace_back(std::move(*head));
    } else {
      auto transition = IntConvolution::take(ops, at, shape, nullptr, target_, reason);
      if (!transition) return false;
      if (!transition->reads_state() || !transition->gives_state()) {
        reason = "operation " + op.name;
        return false;
      }
      shape = transition->out();
      parts_.emplace_back(std::move(*transition));
    }
    if (!count(in, shape, reason)) return false;
  }
  return true;
}

bool IntExecutor::add_loop(const Op& op, Shape shape, std::string& reason) {
  const auto& loop = std::get<OdeLoop>(op.what);
  IntBlock block{loop.evaluations(), loop.tableau().stages, {}};
  for (size_t at = 0; at < loop.body.size();) {
    auto half = IntConvolution::take(loop.body, at, shape, &loop, target_, reason);
    if (!half) return false;
    block.halves.push_back(std::move(*half));
  }
  const std::vector<IntConvolution>& halves = block.halves;
  if (halves.size() != 2 || !halves[0].reads_state() || halves[0].gives_state() || halves[1].reads_state() ||
      halves[0].out() != shape) {
    reason = op.name + ", whose function is not two convolutions";
    return false;
  }
  parts_.emplace_back(std::move(block));
  return true;
}

// Both stages of midpoint add to the state with which the step began, `other` is what the second reads. A
// member reads a row beyond its band: the others' are waited for before a map is read or written again.
void IntExecutor::solve(const IntBlock& block, const Maps& maps, Observer* observer,
                        const Member& member) const noexcept {
  for (int e = 0; e < block.evaluations; ++e) {
    const int stage = e % block.stages;
    block.halves[0].run(e, stage == 0 ? maps.state : maps.other, maps.activation, nullptr, maps.scratch,
                        observer, member);
    member.wait();
    block.halves[1].run(e, maps.activation, stage + 1 == block.stages ? maps.state : maps.other, maps.state,
                        maps.scratch, observer, member);
    member.wait();
  }
}

void IntExecutor::classify(const IntHead& head, const Maps& maps, std::span<int32_t> scores,
                           std::span<int16_t> pooled, Observer* observer) const noexcept {
  const Shape in = whole(head.in);
  std::vector<uint8_t> activations(observer ? in.size() : 0);
  target_.kernel->pool({in.h * in.w, in.c, head.norm.at(0), observer ? activations.data() : nullptr},
                       maps.state, maps.sums);
  const Pool& pool = head.pool;
  for (size_t c = 0; c < pooled.size(); ++c)
    pooled[c] = static_cast<int16_t>(
        rescaled(maps.sums[c], pool.multiplier[c], pool.shift, 0, target_.bits.activation_max()));
  if (observer) {
    show(*observer, head.norm_name, 0, head.in, activations.data());
    observer->after(head.pool_name, 0, {1, 1, head.in.c}, pooled);
  }
  const Linear& linear = head.linear;
  for (size_t k = 0; k < scores.size(); ++k) {
    int64_t acc = linear.bias[k];
    for (size_t c = 0; c < pooled.size(); ++c) acc += linear.weight[c * scores.size() + k] * pooled[c];
    scores[k] = rescaled(acc, linear.multiplier[k], linear.shift, -INT32_MAX, INT32_MAX);
  }
}

void IntExecutor::run(std::span<const uint8_t> pixels, std::span<CacheLine> arena, std::span<int32_t> scores,
                      std::span<int16_t> pooled, Observer* observer, const Member& member) const noexcept {
  CacheLine* at = arena.data();
  const auto take = [&](size_t lines) { return std::exchange(at, at + lines); };
  Maps maps;
  maps.state = reinterpret_cast<int16_t*>(take(state_));
  maps.other = reinterpret_cast<int16_t*>(take(state_));
  maps.activation = reinterpret_cast<uint8_t*>(take(activation_));
  maps.sums = reinterpret_cast<int32_t*>(take(sums_));
  maps.scratch = at + static_cast<size_t>(member.index) * arena_size();
  for (const auto& part : parts_) {
    if (const auto* stem = std::get_if<IntStem>(&part)) {
      stem->run(pixels.data(), maps.state, maps.scratch, observer, member);
      member.wait();
    } else if (const auto* transition = std::get_if<IntConvolution>(&part)) {
      transition->run(0, maps.state, maps.other, nullptr, maps.scratch, observer, member);
      member.wait();
      std::swap(maps.state, maps.other);
    } else if (const auto* block = std::get_if<IntBlock>(&part)) {
      solve(*block, maps, observer, member);
    } else if (member.index == 0) {
      classify(std::get<IntHead>(part), maps, scores, pooled, observer);
    }
  }
  member.wait();
}

}  // namespace dsode::run
