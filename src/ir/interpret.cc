#include "ir/interpret.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "ode/solve.h"

namespace dsode::ir {

namespace {

// A map and where it stands in its loop.
struct Map {
  Shape shape;
  Floats values;

  float* at(int y, int x) { return values.data() + (static_cast<size_t>(y) * shape.w + x) * shape.c; }
  const float* at(int y, int x) const { return const_cast<Map*>(this)->at(y, x); }
};

struct Moment {
  int evaluation = 0;
  double t = 0;
};

template <class Pixel>
Floats normalize(const ModelSpec& spec, std::span<const Pixel> pixels) {
  Floats values(pixels.size());
  for (size_t i = 0; i < pixels.size(); ++i)
    values[i] =
        normalized(spec.normalization, static_cast<float>(pixels[i]), i % static_cast<size_t>(spec.input.c));
  return values;
}

Map make_map(Shape shape) { return {shape, Floats(shape.size())}; }

// Calls tap(ky, kx, y, x) for the taps of a window around output pixel (oy, ox) that fall inside the map.
template <class Tap>
void for_each_tap(Shape in, int size, int stride, int oy, int ox, Tap&& tap) {
  for (int ky = 0; ky < size; ++ky)
    for (int kx = 0; kx < size; ++kx) {
      const int y = oy * stride + ky - size / 2, x = ox * stride + kx - size / 2;
      if (y >= 0 && y < in.h && x >= 0 && x < in.w) tap(ky, kx, y, x);
    }
}

template <class Pixel>
void for_each_pixel(Map& map, Pixel&& pixel) {
  for (int y = 0; y < map.shape.h; ++y)
    for (int x = 0; x < map.shape.w; ++x) pixel(y, x, map.at(y, x));
}

// out[k] += sum_c in[c] w[c,k]
void accumulate(const float* in, int channels, const float* weight, int outputs, float* out) {
  for (int c = 0; c < channels; ++c)
    for (int k = 0; k < outputs; ++k) out[k] += in[c] * weight[static_cast<size_t>(c) * outputs + k];
}

// The bias of output pixel (y, x) at time t.
template <class What>
void start(const What& conv, Shape shape, int y, int x, double t, float* out) {
  std::copy(conv.bias.begin(), conv.bias.end(), out);
  if (!conv.timed) return;
  const float* time = conv.time.data() + static_cast<size_t>(border_class(y, x, shape.h, shape.w)) * conv.out;
  for (int k = 0; k < conv.out; ++k) out[k] += static_cast<float>(t) * time[k];
}

Map apply(const Conv& op, const Map& in, Shape shape, Moment at) {
  Map out = make_map(shape);
  for_each_pixel(out, [&](int y, int x, float* result) {
    start(op, shape, y, x, at.t, result);
    for_each_tap(in.shape, op.size, op.stride, y, x, [&](int ky, int kx, int iy, int ix) {
      const size_t tap = static_cast<size_t>(ky * op.size + kx) * in.shape.c * op.out;
      accumulate(in.at(iy, ix), in.shape.c, op.weight.data() + tap, op.out, result);
    });
  });
  return out;
}

Map apply(const DwConv& op, const Map& in, Shape shape, Moment) {
  Map out = make_map(shape);
  for_each_pixel(out, [&](int y, int x, float* result) {
    for_each_tap(in.shape, 3, op.stride, y, x, [&](int ky, int kx, int iy, int ix) {
      const float *pixel = in.at(iy, ix), *weight = op.weight.data() + (ky * 3 + kx) * shape.c;
      for (int c = 0; c < shape.c; ++c) result[c] += pixel[c] * weight[c];
    });
  });
  return out;
}

Map apply(const PwConv& op, const Map& in, Shape shape, Moment at) {
  Map out = make_map(shape);
  for_each_pixel(out, [&](int y, int x, float* result) {
    start(op, shape, y, x, at.t, result);
    accumulate(in.at(y, x), in.shape.c, op.weight.data(), op.out, result);
  });
  return out;
}

Map apply(const Affine& op, Map map, Shape shape, Moment at) {
  const size_t row = op.rows == 1 ? 0 : static_cast<size_t>(at.evaluation) * shape.c;
  for_each_pixel(map, [&](int, int, float* pixel) {
    for (int c = 0; c < shape.c; ++c) pixel[c] = op.scale[row + c] * pixel[c] + op.bias[row + c];
  });
  return map;
}

Map apply(const GroupNorm& op, Map map, Shape shape, Moment) {
  const int size = shape.c / op.groups;
  const double count = static_cast<double>(shape.h) * shape.w * size;
  for (int group = 0; group < op.groups; ++group) {
    double sum = 0, squares = 0;
    const auto each = [&](auto&& visit) {
      for_each_pixel(map, [&](int, int, float* pixel) {
        for (int c = group * size; c < (group + 1) * size; ++c) visit(c, pixel[c]);
      });
    };
    each([&](int, float v) { sum += v; });
    const double mean = sum / count;
    each([&](int, float v) { squares += (v - mean) * (v - mean); });
    const double inverse = 1 / std::sqrt(squares / count + kNormEpsilon);
    each([&](int c, float& v) {
      v = static_cast<float>((v - mean) * inverse) * op.scale[static_cast<size_t>(c)] +
          op.bias[static_cast<size_t>(c)];
    });
  }
  return map;
}

Map apply(const Relu&, Map map, Shape, Moment) {
  for (float& v : map.values) v = std::max(v, 0.0f);
  return map;
}

Map apply(const MaxPool&, const Map& in, Shape shape, Moment) {
  Map out{shape, Floats(shape.size(), -std::numeric_limits<float>::infinity())};
  for_each_pixel(out, [&](int y, int x, float* result) {
    for_each_tap(in.shape, 3, 2, y, x, [&](int, int, int iy, int ix) {
      for (int c = 0; c < shape.c; ++c) result[c] = std::max(result[c], in.at(iy, ix)[c]);
    });
  });
  return out;
}

Map apply(const MeanPool&, const Map& in, Shape shape, Moment) {
  std::vector<double> sums(static_cast<size_t>(shape.c));
  for (size_t i = 0; i < in.values.size(); ++i) sums[i % sums.size()] += in.values[i];
  Map out = make_map(shape);
  for (size_t c = 0; c < sums.size(); ++c)
    out.values[c] = static_cast<float>(sums[c] / (static_cast<double>(in.shape.h) * in.shape.w));
  return out;
}

Map apply(const Linear& op, const Map& in, Shape shape, Moment) {
  Map out{shape, op.bias};
  accumulate(in.values.data(), in.shape.c, op.weight.data(), op.out, out.values.data());
  return out;
}

Map run(const Op& op, Map map, Moment at, Probe& probe);

Map solve(const Op& op, const OdeLoop& loop, Map z, Probe& probe) {
  const ode::Tableau& tableau = loop.tableau();
  const auto eval = [&](Map state, ode::EvalPoint point) {
    probe.state(op, state.shape, state.values);
    const Moment at{point.step * tableau.stages + point.stage, point.t};
    for (const Op& inner : loop.body) state = run(inner, std::move(state), at, probe);
    return state;
  };
  const auto axpy = [](Map state, double a, const Map& slope) {
    for (size_t i = 0; i < state.values.size(); ++i)
      state.values[i] += static_cast<float>(a) * slope.values[i];
    return state;
  };
  z = ode::solve_fixed(tableau, std::move(z), 0.0, 1.0, loop.steps, eval, axpy);
  probe.state(op, z.shape, z.values);
  return z;
}

Map run(const Op& op, Map map, Moment at, Probe& probe) {
  const Shape shape = output_shape(op, map.shape);
  Map out = std::visit(
      [&](const auto& what) {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, OdeLoop>)
          return solve(op, what, std::move(map), probe);
        else
          return apply(what, std::move(map), shape, at);
      },
      op.what);
  probe.after(op, at.evaluation, out.shape, out.values);
  return out;
}

}  // namespace

Scores interpret(const Graph& graph, std::span<const float> image, Probe* probe) {
  DSODE_CHECK(image.size() == graph.spec.input.size(), "{} values", image.size());
  Probe unseen;
  Map map{graph.spec.input, Floats(image.begin(), image.end())};
  Scores scores;
  for (const Op& op : graph.ops) {
    if (std::holds_alternative<Linear>(op.what)) scores.features = map.values;
    map = run(op, std::move(map), {}, probe ? *probe : unseen);
  }
  scores.logits = std::move(map.values);
  return scores;
}

Floats normalized(const ModelSpec& spec, std::span<const uint8_t> pixels) { return normalize(spec, pixels); }
Floats normalized(const ModelSpec& spec, std::span<const float> pixels) { return normalize(spec, pixels); }

}  // namespace dsode::ir
