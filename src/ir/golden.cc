#include "ir/golden.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace dsode::ir::integer {

namespace {

// An operation with what running it needs: shapes, weights widened for the vectoriser.
struct Layer {
  const Op* op;
  Shape in, out;
  std::vector<int16_t> weight;
  std::vector<Layer> body;  // of a loop
  Saturation saturation;
};

template <class T>
T clamp(int64_t x, int64_t lo, int64_t hi) {
  return static_cast<T>(std::clamp(x, lo, hi));
}

// acc[k] += x weight[k]
inline void multiply_add(int32_t* acc, const int16_t* weight, int16_t x, int n) noexcept {
  for (int k = 0; k < n; ++k) acc[k] += int32_t{weight[k]} * int32_t{x};
}

// Calls tap(index, y, x) for the taps of a 3x3 window around output pixel (oy, ox) that lie inside of the
// map.
template <class Tap>
inline void for_each_tap(Shape in, int stride, int oy, int ox, Tap&& tap) noexcept {
  for (int ky = 0; ky < 3; ++ky)
    for (int kx = 0; kx < 3; ++kx) {
      const int y = oy * stride + ky - 1, x = ox * stride + kx - 1;
      if (y >= 0 && y < in.h && x >= 0 && x < in.w) tap(ky * 3 + kx, y, x);
    }
}

}  // namespace

class Golden::Plan {
 public:
  Plan(Graph graph, const std::string& origin) : graph_(std::move(graph)), bits_(graph_.bits) {
    check(graph_, origin);
    layers_ = plan(graph_.ops, graph_.spec.input);
  }

  const Graph& graph() const { return graph_; }
  std::span<const int16_t> pooled() const noexcept { return pooled_; }

  void run(std::span<const uint8_t> pixels, std::span<int32_t> scores, Observer* observer) noexcept {
    pixels_ = pixels.data();
    scores_ = scores.data();
    observer_ = observer;
    for (Layer& layer : layers_) execute(layer, {});
  }

  std::vector<Saturation> saturations() const {
    std::vector<Saturation> all;
    const auto collect = [&](const auto& self, const std::vector<Layer>& layers) -> void {
      for (const Layer& layer : layers) {
        if (layer.saturation.values > 0) all.push_back(layer.saturation);
        self(self, layer.body);
      }
    };
    collect(collect, layers_);
    return all;
  }

 private:
  // Where in a loop an operation stands.
  struct Moment {
    int evaluation = 0, tau = 0;
    int16_t* next = nullptr;  // where the increment puts the new state
  };

  std::vector<Layer> plan(const std::vector<Op>& ops, Shape in) {
    std::vector<Layer> layers;
    for (const Op& op : ops) {
      Layer layer{&op, in, output_shape(op, in), {}, {}, {op.name, 0, 0}};
      if (const auto* loop = std::get_if<OdeLoop>(&op.what)) layer.body = plan(loop->body, in);
      visit_tensors(op, in.c, [&](const char*, const auto& values, const auto&) {
        if constexpr (std::is_same_v<std::decay_t<decltype(values)>, std::vector<int8_t>>)
          layer.weight.assign(values.begin(), values.end());
      });
      reserve(layer.in);
      reserve(layer.out);
      in = layer.out;
      layers.push_back(std::move(layer));
    }
    return layers;
  }

  void reserve(Shape shape) {
    for (auto* map : {&state_, &midway_, &maps_[0], &maps_[1]})
      map->resize(std::max(map->size(), shape.size()));
    const auto width = static_cast<size_t>(shape.c);
    acc_.resize(std::max(acc_.size(), width));
    pooled_.resize(std::max(pooled_.size(), width));
  }

  void execute(Layer& layer, Moment at) noexcept {
    std::visit([&](const auto& op) { apply(op, layer, at); }, layer.op->what);
    const bool map =
        !std::holds_alternative<OdeLoop>(layer.op->what) && !std::holds_alternative<Linear>(layer.op->what);
    if (observer_ && map)
      observer_->after(layer.op->name, at.evaluation, layer.out, {read_, layer.out.size()});
  }

  // The map that the next operation reads and the one it may write.
  int16_t* spare() noexcept { return read_ == maps_[0].data() ? maps_[1].data() : maps_[0].data(); }

  // Calls pixel(y, x, result) for each pixel of `out`, and makes it the map to read.
  template <class Pixel>
  void write_map(int16_t* out, Shape shape, Pixel&& pixel) noexcept {
    int16_t* result = out;
    for (int y = 0; y < shape.h; ++y)
      for (int x = 0; x < shape.w; ++x, result += shape.c) pixel(y, x, result);
    read_ = out;
  }

  // A new state, counted where it leaves its range above (or below, where it may be negative).
  int16_t state(int64_t value, int64_t lo, Saturation& count) const noexcept {
    const int64_t hi = bits_.state_max();
    count.saturated += value > hi || (lo < 0 && value < lo);
    ++count.values;
    return clamp<int16_t>(value, lo, hi);
  }

  void apply(const Conv& op, Layer& layer, Moment) noexcept {
    write_map(state_.data(), layer.out, [&](int y, int x, int16_t* z) {
      std::copy(op.bias.begin(), op.bias.end(), acc_.begin());
      for_each_tap(layer.in, 1, y, x, [&](int tap, int iy, int ix) {
        const uint8_t* pixel = pixels_ + (static_cast<size_t>(iy) * layer.in.w + ix) * layer.in.c;
        for (int c = 0; c < layer.in.c; ++c)
          multiply_add(acc_.data(), weights(layer, tap * layer.in.c + c, op.out),
                       static_cast<int16_t>(pixel[c] - op.zero[static_cast<size_t>(c)]), op.out);
      });
      for (int k = 0; k < op.out; ++k) z[k] = state(rescaled(op, 0, k), 0, layer.saturation);
    });
  }

  void apply(const Affine& op, Layer& layer, Moment at) noexcept {
    const size_t row = static_cast<size_t>(at.evaluation % op.rows) * layer.in.c;
    const int64_t lo = op.relu ? 0 : -bits_.signed_max() - 1,
                  hi = op.relu ? bits_.activation_max() : bits_.signed_max();
    const int16_t* z = read_;
    write_map(spare(), layer.out, [&](int, int, int16_t* a) {
      for (int c = 0; c < layer.in.c; ++c)
        a[c] = clamp<int16_t>(rsh(int64_t{z[c]} * op.scale[row + c] + op.bias[row + c], op.shift), lo, hi);
      z += layer.in.c;
    });
  }

  void apply(const DwConv& op, Layer& layer, Moment) noexcept {
    const int channels = layer.in.c;
    const int16_t* a = read_;
    write_map(spare(), layer.out, [&](int y, int x, int16_t* d) {
      std::fill_n(acc_.begin(), channels, 0);
      for_each_tap(layer.in, op.stride, y, x, [&](int tap, int iy, int ix) {
        const int16_t *pixel = a + (static_cast<size_t>(iy) * layer.in.w + ix) * channels,
                      *weight = weights(layer, tap, channels);
        for (int c = 0; c < channels; ++c) acc_[c] += int32_t{weight[c]} * int32_t{pixel[c]};
      });
      for (int c = 0; c < channels; ++c)
        d[c] = clamp<int16_t>(rescaled(op, 0, c), -bits_.signed_max() - 1, bits_.signed_max());
    });
  }

  void apply(const PwConv& op, Layer& layer, Moment at) noexcept {
    const size_t row = static_cast<size_t>(at.evaluation % op.rows) * op.out;
    const int16_t *d = read_, *z = state_.data();
    const auto each = [&](int16_t* out, auto&& result) {
      write_map(out, layer.out, [&](int y, int x, int16_t* pixel) {
        std::copy_n(op.bias.begin() + static_cast<int64_t>(row), op.out, acc_.begin());
        if (op.timed) {
          const int32_t* time = op.time.data() + border_class(y, x, layer.in.h, layer.in.w) * op.out;
          for (int k = 0; k < op.out; ++k) acc_[k] += at.tau * time[k];
        }
        for (int c = 0; c < layer.in.c; ++c)
          multiply_add(acc_.data(), weights(layer, c, op.out), d[c], op.out);
        for (int k = 0; k < op.out; ++k) pixel[k] = result(rescaled(op, row, k), k);
        d += layer.in.c;
        z += op.out;
      });
    };
    if (op.to == "activation")
      each(spare(), [&](int64_t u, int) { return clamp<int16_t>(u, 0, bits_.activation_max()); });
    else if (op.to == "state")
      each(state_.data(), [&](int64_t value, int) { return state(value, 0, layer.saturation); });
    else
      each(at.next,
           [&](int64_t step, int k) { return state(z[k] + step, -bits_.state_max() - 1, layer.saturation); });
  }

  void apply(const Pool& op, Layer& layer, Moment) noexcept {
    const int channels = layer.in.c;
    std::fill_n(acc_.begin(), channels, 0);
    for (size_t i = 0; i < layer.in.size(); i += static_cast<size_t>(channels))
      for (int c = 0; c < channels; ++c) acc_[c] += read_[i + static_cast<size_t>(c)];
    write_map(spare(), layer.out, [&](int, int, int16_t* p) {
      for (int c = 0; c < channels; ++c) p[c] = clamp<int16_t>(rescaled(op, 0, c), 0, bits_.activation_max());
    });
  }

  void apply(const Linear& op, Layer& layer, Moment) noexcept {
    pooled_.assign(read_, read_ + layer.in.c);
    std::copy(op.bias.begin(), op.bias.end(), acc_.begin());
    for (int c = 0; c < layer.in.c; ++c)
      multiply_add(acc_.data(), weights(layer, c, op.out), read_[c], op.out);
    for (int k = 0; k < op.out; ++k) scores_[k] = clamp<int32_t>(rescaled(op, 0, k), -INT32_MAX, INT32_MAX);
  }

  void apply(const OdeLoop& loop, Layer& layer, Moment) noexcept {
    const int stages = loop.tableau().stages;
    for (int e = 0; e < loop.evaluations(); ++e) {
      const bool closes = e % stages == stages - 1;
      const Moment at{e, tau(loop, e), closes ? state_.data() : midway_.data()};
      for (Layer& inner : layer.body) execute(inner, at);
    }
  }

  static const int16_t* weights(const Layer& layer, int row, int columns) noexcept {
    return layer.weight.data() + static_cast<size_t>(row) * columns;
  }

  template <class What>
  int64_t rescaled(const What& op, size_t row, int k) const noexcept {
    const auto i = static_cast<size_t>(k);
    return rsh(int64_t{acc_[i]} * op.multiplier[row + i], op.shift);
  }

  Graph graph_;
  const Bits bits_;
  std::vector<Layer> layers_;
  std::vector<int16_t> state_, midway_;       // z, and what stage 1 of midpoint reads
  std::array<std::vector<int16_t>, 2> maps_;  // activations, written in turn
  std::vector<int32_t> acc_;
  std::vector<int16_t> pooled_;
  const int16_t* read_ = nullptr;
  const uint8_t* pixels_ = nullptr;
  int32_t* scores_ = nullptr;
  Observer* observer_ = nullptr;
};

Golden::Golden(Graph graph, const std::string& origin)
    : plan_(std::make_unique<Plan>(std::move(graph), origin)) {}
Golden::~Golden() = default;
Golden::Golden(Golden&&) noexcept = default;

const Graph& Golden::graph() const { return plan_->graph(); }
std::span<const int16_t> Golden::pooled() const noexcept { return plan_->pooled(); }
std::vector<Saturation> Golden::saturations() const { return plan_->saturations(); }

void Golden::run(std::span<const uint8_t> pixels, std::span<int32_t> scores, Observer* observer) noexcept {
  plan_->run(pixels, scores, observer);
}

}  // namespace dsode::ir::integer
