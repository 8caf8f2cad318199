#include "run/executor.h"

#include <algorithm>

#include "ir/interpret.h"
#include "kernels/head/head.h"

namespace dsode::run {

namespace {

// Times of the evaluations of a loop, step by step, stage by stage.
std::vector<double> times_of(const ode::Tableau& tableau, int steps) {
  std::vector<double> times;
  for (int step = 0; step < steps; ++step)
    for (int stage = 0; stage < tableau.stages; ++stage)
      times.push_back((step + tableau.c[static_cast<size_t>(stage)]) / steps);
  return times;
}

std::optional<Head> take_head(std::span<const ir::Op> ops, size_t& first, Shape in) {
  size_t at = first;
  const auto channels = static_cast<size_t>(in.c);
  Head head{in, AlignedVector<float>(channels, 1), AlignedVector<float>(channels, 0), {}, {}};
  if (const auto* norm = std::get_if<ir::Affine>(&ops[at].what); norm && norm->rows == 1) {
    head.scale.assign(norm->scale.begin(), norm->scale.end());
    head.shift.assign(norm->bias.begin(), norm->bias.end());
    ++at;
  }
  if (at + 3 != ops.size() || !std::holds_alternative<ir::Relu>(ops[at].what) ||
      !std::holds_alternative<ir::MeanPool>(ops[at + 1].what))
    return std::nullopt;
  const auto* linear = std::get_if<ir::Linear>(&ops[at + 2].what);
  if (!linear) return std::nullopt;
  const size_t classes = linear->bias.size(),
               filled = (classes + kernels::kChannels - 1) / kernels::kChannels * kernels::kChannels;
  head.bias.assign(linear->bias.begin(), linear->bias.end());
  head.bias.resize(filled);
  ir::Floats weight(channels * filled);
  for (size_t i = 0; i < linear->weight.size(); ++i)
    weight[i / classes * filled + i % classes] = linear->weight[i];
  head.weight =
      kernels::pack_product<float>(weight, static_cast<int>(filled), kernels::head_kernels().front().packing);
  first = ops.size();
  return head;
}

void run_head(const Head& head, const float* x, std::span<float> logits, std::span<float> features,
              float* scratch) noexcept {
  const kernels::Head op{.pixels = head.in.h * head.in.w,
                         .channels = head.in.c,
                         .scale = head.scale.data(),
                         .shift = head.shift.data(),
                         .classes = static_cast<int>(head.bias.size()),
                         .weight = head.weight.data(),
                         .bias = head.bias.data()};
  kernels::head_kernels().front().run(op, x, features.data(), scratch);
  std::copy_n(scratch, logits.size(), logits.begin());
}

}  // namespace

std::optional<Executor> Executor::plan(const ir::Graph& graph, std::string& reason,
                                       kernels::Precision precision) {
  Executor executor;
  executor.least_rows_ = graph.spec.input.h;
  if (!executor.add(graph, precision, reason)) return std::nullopt;
  executor.input_ = graph.spec.input;
  executor.normalization_ = graph.spec.normalization;
  const auto channels = static_cast<size_t>(graph.spec.input.c);
  std::vector<uint8_t> every(256 * channels);
  for (size_t i = 0; i < every.size(); ++i) every[i] = static_cast<uint8_t>(i / channels);
  executor.inputs_ = ir::normalized(graph.spec, every);
  return executor;
}

void Executor::count(const Convolution& convolution, kernels::Precision precision) {
  if (convolution.separable()) precision_ = precision;
  map_ = std::max({map_, convolution.in().size(), convolution.out().size()});
  scratch_ = std::max(scratch_, convolution.scratch());
  least_rows_ = std::min(least_rows_, convolution.out().h);
}

bool Executor::add(const ir::Graph& graph, kernels::Precision precision, std::string& reason) {
  Shape shape = graph.spec.input;
  for (size_t at = 0; at < graph.ops.size();) {
    if (const auto* loop = std::get_if<ir::OdeLoop>(&graph.ops[at].what)) {
      Block block{&loop->tableau(), loop->steps, {}};
      // One slope a step: its factor goes into the weights.
      const bool whole = block.tableau->stages == 1;
      const float last = whole ? static_cast<float>(block.tableau->b[0] / loop->steps) : 1;
      for (size_t inner = 0; inner < loop->body.size();) {
        auto half = Convolution::take(loop->body, inner, shape,
                                      {.times = times_of(*block.tableau, loop->steps),
                                       .trailing = false,
                                       .gain = block.halves.empty() ? 1 : last,
                                       .precision = precision},
                                      reason);
        if (!half) return false;
        count(*half, precision);
        block.halves.push_back(std::move(*half));
      }
      if (block.halves.size() != 2 || block.halves[0].out() != shape || block.halves[1].out() != shape) {
        reason = graph.ops[at].name + ", whose function is not two convolutions";
        return false;
      }
      // u, and where one slope is not the whole step, the slopes and a stage's state.
      maps_ = std::max(maps_, size_t{2} + (whole ? 0 : static_cast<size_t>(block.tableau->stages) + 1));
      parts_.emplace_back(std::move(block));
      ++at;
    } else if (auto head = take_head(graph.ops, at, shape)) {
      scratch_ = std::max(scratch_, head->bias.size());
      parts_.emplace_back(std::move(*head));
    } else {
      auto convolution = Convolution::take(graph.ops, at, shape, {.precision = precision}, reason);
      if (!convolution) return false;
      count(*convolution, precision);
      shape = convolution->out();
      parts_.emplace_back(std::move(*convolution));
    }
  }
  if (parts_.empty() || !std::holds_alternative<Head>(parts_.back())) {
    reason = "no classifier at its end";
    return false;
  }
  return true;
}

// `free`: maps for u, a stage's state and the slopes. A barrier stands before a band is read beyond its
// edges, and before a map is written that another member may still read there.
void Executor::solve(const Block& block, float* z, float* const* free, float* scratch,
                     const Member& member) const noexcept {
  const ode::Tableau& tableau = *block.tableau;
  const Convolution &first = block.halves[0], &second = block.halves[1];
  const Shape shape = first.in();
  const int begin = member.begin(shape.h), end = member.end(shape.h);
  const size_t row = shape.size() / static_cast<size_t>(shape.h), from = begin * row, to = end * row;
  const auto h = static_cast<float>(1.0 / block.steps);
  float *u = free[0], *state = free[1];
  for (int step = 0, evaluation = 0; step < block.steps; ++step) {
    if (tableau.stages == 1) {
      first.run(evaluation, z, u, false, scratch, begin, end);
      member.wait();
      second.run(evaluation++, u, z, true, scratch, begin, end);
      member.wait();
      continue;
    }
    float* const* slopes = free + 2;
    const auto add = [&](const auto& factors, int stages, float* sum) {
      for (int j = 0; j < stages; ++j)
        if (const auto factor = h * static_cast<float>(factors[static_cast<size_t>(j)]); factor != 0)
          for (size_t i = from; i < to; ++i) sum[i] += factor * slopes[j][i];
    };
    for (int stage = 0; stage < tableau.stages; ++stage) {
      std::copy(z + from, z + to, state + from);
      add(tableau.a[static_cast<size_t>(stage)], stage, state);
      member.wait();
      first.run(evaluation, state, u, false, scratch, begin, end);
      member.wait();
      second.run(evaluation++, u, slopes[stage], false, scratch, begin, end);
    }
    add(tableau.b, tableau.stages, z);
  }
  member.wait();
}

template <class Input>
void Executor::run_from(const Input& input, std::span<float> arena, std::span<float> logits,
                        std::span<float> features, const Member& member) const noexcept {
  float* maps[ode::kMaxStages + 3];
  for (size_t i = 0; i < maps_; ++i) maps[i] = arena.data() + i * map_;
  float* scratch = arena.data() + static_cast<size_t>(member.index) * arena_size() + maps_ * map_;
  const auto channels = static_cast<size_t>(input_.c), row = input_.w * channels;
  for (size_t i = member.begin(input_.h) * row; i < member.end(input_.h) * row; ++i)
    maps[0][i] = input(i, i % channels);
  member.wait();
  for (const auto& part : parts_) {
    if (const auto* convolution = std::get_if<Convolution>(&part)) {
      const int rows = convolution->out().h;
      convolution->run(0, maps[0], maps[1], false, scratch, member.begin(rows), member.end(rows));
      member.wait();
      std::swap(maps[0], maps[1]);
    } else if (const auto* block = std::get_if<Block>(&part)) {
      solve(*block, maps[0], maps + 1, scratch, member);
    } else if (member.index == 0) {
      run_head(std::get<Head>(part), maps[0], logits, features, scratch);
    }
  }
  member.wait();
}

void Executor::run(std::span<const uint8_t> pixels, std::span<float> arena, std::span<float> logits,
                   std::span<float> features, const Member& member) const noexcept {
  const auto channels = static_cast<size_t>(input_.c);
  run_from([&](size_t i, size_t c) { return inputs_[pixels[i] * channels + c]; }, arena, logits, features,
           member);
}

void Executor::run(std::span<const float> pixels, std::span<float> arena, std::span<float> logits,
                   std::span<float> features, const Member& member) const noexcept {
  run_from([&](size_t i, size_t c) { return ir::normalized(normalization_, pixels[i], c); }, arena, logits,
           features, member);
}

}  // namespace dsode::run
