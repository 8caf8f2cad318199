#include "kernels/norm_relu/norm_relu.h"

#include <algorithm>

#include "kernels/clones.h"

namespace dsode::kernels {

namespace {

// Several pixels are taken as one row of at least this many floats, so that few channels vectorise as well as
// many and the sums of a row do not wait for those of the row before.
constexpr int64_t kLanes = 256;
// Rows of a chunk. 64 rows of 256 floats are 64 KiB, which the second pass of the statistics finds in the
// cache; so few terms keep a float sum accurate.
constexpr int64_t kRows = 64;

// How a map is cut: rows of `pixels` pixels = `lanes` floats, chunks of kRows rows; the last chunk may be
// ragged.
struct Cut {
  explicit Cut(Map map)
      : map(map), pixels((kLanes + map.channels - 1) / map.channels), lanes(pixels * map.channels) {}

  int64_t chunk_pixels() const { return pixels * kRows; }
  int64_t chunks() const { return (map.pixels + chunk_pixels() - 1) / chunk_pixels(); }
  int64_t begin(int64_t chunk) const { return chunk * chunk_pixels(); }
  int64_t size(int64_t chunk) const { return std::min(chunk_pixels(), map.pixels - begin(chunk)); }

  // body(offset, rows, lanes): the chunk's whole rows, then what is left of it as one short row.
  template <class Body>
  void each_block(int64_t chunk, const Body& body) const {
    const int64_t rows = size(chunk) / pixels, rest = size(chunk) % pixels,
                  offset = begin(chunk) * map.channels;
    if (rows > 0) body(offset, rows, lanes);
    if (rest > 0) body(offset + rows * lanes, int64_t{1}, rest * map.channels);
  }

  // A value a channel -> a value a lane.
  std::vector<float> widen(const float* channel) const {
    std::vector<float> wide;
    wide.reserve(static_cast<size_t>(lanes));
    for (int64_t p = 0; p < pixels; ++p) wide.insert(wide.end(), channel, channel + map.channels);
    return wide;
  }

  // A sum a lane -> a sum a channel.
  void fold(const std::vector<float>& lane, double* channel) const {
    std::fill_n(channel, map.channels, 0.0);
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t c = 0; c < map.channels; ++c)
        channel[c] += lane[static_cast<size_t>(p * map.channels + c)];
  }

  Map map;
  int64_t pixels, lanes;
};

DSODE_CLONES void sum_rows(const float* __restrict x, int64_t rows, int64_t lanes, float* __restrict sum) {
  for (int64_t r = 0; r < rows; ++r, x += lanes)
    for (int64_t i = 0; i < lanes; ++i) sum[i] += x[i];
}

DSODE_CLONES void sum_squares(const float* __restrict x, int64_t rows, int64_t lanes,
                              const float* __restrict mean, float* __restrict sum,
                              float* __restrict squares) {
  for (int64_t r = 0; r < rows; ++r, x += lanes)
    for (int64_t i = 0; i < lanes; ++i) {
      const float d = x[i] - mean[i];
      sum[i] += d;
      squares[i] += d * d;
    }
}

DSODE_CLONES void forward_rows(const float* __restrict x, int64_t rows, int64_t lanes,
                               const float* __restrict mean, const float* __restrict scale,
                               const float* __restrict bias, float* __restrict y) {
  for (int64_t r = 0; r < rows; ++r, x += lanes, y += lanes)
    for (int64_t i = 0; i < lanes; ++i) {
      const float v = (x[i] - mean[i]) * scale[i] + bias[i];
      y[i] = v < 0 ? 0 : v;
    }
}

DSODE_CLONES void reduce_rows(const float* __restrict x, const float* __restrict gy, int64_t rows,
                              int64_t lanes, const float* __restrict mean, const float* __restrict scale,
                              const float* __restrict bias, float* __restrict sum_g,
                              float* __restrict sum_gx) {
  for (int64_t r = 0; r < rows; ++r, x += lanes, gy += lanes)
    for (int64_t i = 0; i < lanes; ++i) {
      const float d = x[i] - mean[i];
      const float g = d * scale[i] + bias[i] > 0 ? gy[i] : 0;
      sum_g[i] += g;
      sum_gx[i] += g * d;
    }
}

// gx = scale g - offset - slope (x - mean).
DSODE_CLONES void apply_rows(const float* __restrict x, const float* __restrict gy, int64_t rows,
                             int64_t lanes, const float* __restrict mean, const float* __restrict scale,
                             const float* __restrict bias, const float* __restrict offset,
                             const float* __restrict slope, float* __restrict gx) {
  for (int64_t r = 0; r < rows; ++r, x += lanes, gy += lanes, gx += lanes)
    for (int64_t i = 0; i < lanes; ++i) {
      const float d = x[i] - mean[i];
      const float g = d * scale[i] + bias[i] > 0 ? gy[i] : 0;
      gx[i] = scale[i] * g - offset[i] - slope[i] * d;
    }
}

// Mean and sum of squared deviations of one chunk.
void chunk_moments(const float* x, const Cut& cut, int64_t chunk, double* mean, double* squares) {
  const size_t lanes = static_cast<size_t>(cut.lanes), channels = static_cast<size_t>(cut.map.channels);
  const double n = static_cast<double>(cut.size(chunk));
  std::vector<float> sum(lanes), square(lanes), rough(channels);
  cut.each_block(chunk,
                 [&](int64_t at, int64_t rows, int64_t width) { sum_rows(x + at, rows, width, sum.data()); });
  cut.fold(sum, mean);
  for (size_t c = 0; c < channels; ++c) rough[c] = static_cast<float>(mean[c] / n);

  const auto wide = cut.widen(rough.data());
  std::fill(sum.begin(), sum.end(), 0.0F);
  cut.each_block(chunk, [&](int64_t at, int64_t rows, int64_t width) {
    sum_squares(x + at, rows, width, wide.data(), sum.data(), square.data());
  });
  cut.fold(sum, mean);
  cut.fold(square, squares);
  // `rough` is rounded; what the deviations from it still sum to puts both moments right.
  for (size_t c = 0; c < channels; ++c) {
    squares[c] -= mean[c] * mean[c] / n;
    mean[c] = rough[c] + mean[c] / n;
  }
}

}  // namespace

Statistics norm_relu_statistics(const float* x, Map map, const Parallel& parallel) {
  const Cut cut(map);
  const size_t channels = static_cast<size_t>(map.channels);
  std::vector<double> means(static_cast<size_t>(cut.chunks()) * channels), squares(means.size());
  parallel(cut.chunks(), [&](int64_t chunk) {
    const size_t at = static_cast<size_t>(chunk) * channels;
    chunk_moments(x, cut, chunk, &means[at], &squares[at]);
  });

  Statistics total{std::vector<double>(channels), std::vector<double>(channels)};
  double seen = 0;
  for (int64_t chunk = 0; chunk < cut.chunks(); ++chunk) {
    const double n = static_cast<double>(cut.size(chunk)), share = n / (seen + n);
    for (size_t c = 0, at = static_cast<size_t>(chunk) * channels; c < channels; ++c, ++at) {
      const double delta = means[at] - total.mean[c];
      total.mean[c] += delta * share;
      total.variance[c] += squares[at] + delta * delta * seen * share;
    }
    seen += n;
  }
  for (double& v : total.variance) v = std::max(v / seen, 0.0);
  return total;
}

void norm_relu_forward(const float* x, NormRelu op, float* y, Map map, const Parallel& parallel) {
  const Cut cut(map);
  const auto mean = cut.widen(op.mean), scale = cut.widen(op.scale), bias = cut.widen(op.bias);
  parallel(cut.chunks(), [&](int64_t chunk) {
    cut.each_block(chunk, [&](int64_t at, int64_t rows, int64_t lanes) {
      forward_rows(x + at, rows, lanes, mean.data(), scale.data(), bias.data(), y + at);
    });
  });
}

GradientSums norm_relu_backward_reduce(const float* x, const float* gy, NormRelu op, Map map,
                                       const Parallel& parallel) {
  const Cut cut(map);
  const size_t channels = static_cast<size_t>(map.channels), lanes = static_cast<size_t>(cut.lanes);
  const auto mean = cut.widen(op.mean), scale = cut.widen(op.scale), bias = cut.widen(op.bias);
  std::vector<double> parts_g(static_cast<size_t>(cut.chunks()) * channels), parts_gx(parts_g.size());
  parallel(cut.chunks(), [&](int64_t chunk) {
    std::vector<float> sum_g(lanes), sum_gx(lanes);
    cut.each_block(chunk, [&](int64_t at, int64_t rows, int64_t width) {
      reduce_rows(x + at, gy + at, rows, width, mean.data(), scale.data(), bias.data(), sum_g.data(),
                  sum_gx.data());
    });
    const size_t at = static_cast<size_t>(chunk) * channels;
    cut.fold(sum_g, &parts_g[at]);
    cut.fold(sum_gx, &parts_gx[at]);
  });

  GradientSums sums{std::vector<double>(channels), std::vector<double>(channels)};
  for (size_t at = 0; at < parts_g.size(); ++at) {
    sums.g[at % channels] += parts_g[at];
    sums.gx[at % channels] += parts_gx[at];
  }
  return sums;
}

void norm_relu_backward_apply(const float* x, const float* gy, NormRelu op, const float* inv_std,
                              const GradientSums& sums, float* gx, Map map, const Parallel& parallel) {
  const Cut cut(map);
  const size_t channels = static_cast<size_t>(map.channels);
  std::vector<float> channel_offset(channels), channel_slope(channels);
  for (size_t c = 0; c < channels; ++c) {
    const double scale = op.scale[c] / static_cast<double>(map.pixels), inverse = inv_std[c];
    channel_offset[c] = static_cast<float>(scale * sums.g[c]);
    channel_slope[c] = static_cast<float>(scale * inverse * inverse * sums.gx[c]);
  }
  const auto mean = cut.widen(op.mean), scale = cut.widen(op.scale), bias = cut.widen(op.bias);
  const auto offset = cut.widen(channel_offset.data()), slope = cut.widen(channel_slope.data());
  parallel(cut.chunks(), [&](int64_t chunk) {
    cut.each_block(chunk, [&](int64_t at, int64_t rows, int64_t lanes) {
      apply_rows(x + at, gy + at, rows, lanes, mean.data(), scale.data(), bias.data(), offset.data(),
                 slope.data(), gx + at);
    });
  });
}

}  // namespace dsode::kernels
