#include "kernels/separable_gradient/separable_gradient.h"

#include "kernels/fixture.h"

namespace dsode::kernels {
namespace {

using ir::Floats;

struct Case {
  int height, width, in, out;
  bool through = true, past = true, bias = false;
  int stride = 1;
  bool norm = true;

  int out_height() const { return (height + stride - 1) / stride; }
  int out_width() const { return (width + stride - 1) / stride; }
};

constexpr Case kCases[] = {
    {.height = 1, .width = 1, .in = 16, .out = 16},
    {.height = 2, .width = 3, .in = 16, .out = 48, .bias = true},
    {.height = 5, .width = 9, .in = 48, .out = 16, .past = false},
    {.height = 8, .width = 8, .in = 64, .out = 64, .through = false, .bias = true},
    {.height = 3, .width = 70, .in = 16, .out = 32},
    {.height = 4, .width = 6, .in = 32, .out = 16, .norm = false},
    {.height = 8, .width = 64, .in = 32, .out = 64, .past = false, .bias = true, .stride = 2, .norm = false},
    {.height = 7, .width = 5, .in = 48, .out = 16, .through = false, .stride = 2, .norm = false},
    {.height = 1, .width = 2, .in = 16, .out = 32, .stride = 2, .norm = false},
};

struct Sums {
  std::vector<double> g, gx, depthwise, pointwise, bias;
};

// Everything of a problem and, in plain loops over doubles, its answers.
struct Problem {
  Case c;
  int64_t pixels, out_pixels;
  Floats x, scale, shift, mean, depthwise, pointwise, g_behind, v, past, affine[4];
  std::vector<double> gy, g;
  Sums sums;

  explicit Problem(const Case& c)
      : c(c), pixels(c.height * c.width), out_pixels(c.out_height() * c.out_width()) {
    Values values(c.width * 100 + c.out);
    x = values.draw(pixels * c.in, 0.5F, 1);
    scale = values.draw(c.in, 1, 0.3F);
    shift = values.draw(c.in, 0, 0.3F);
    mean = values.draw(c.in, 0.5F, 0.1F);
    depthwise = values.draw(9 * c.in, 0, 0.3F);
    pointwise = values.draw(c.in * c.out, 0, 1 / std::sqrt(float(c.in)));
    g_behind = values.draw(out_pixels * c.out, 0, 1);
    v = values.draw(out_pixels * c.out, 0, 1);
    past = values.draw(out_pixels * c.out, 0, 1);
    for (Floats& a : affine) a = values.draw(c.out, 0, 0.5F);
    solve();
  }

  NormGradient through() const {
    if (!c.through) return {};
    return {g_behind.data(),  v.data(),         affine[0].data(),
            affine[1].data(), affine[2].data(), affine[3].data()};
  }

  // Calls each(tap, output pixel, input pixel) for all taps inside of the map.
  template <class Each>
  void for_each_tap(const Each& each) const {
    for (int y = 0; y < c.out_height(); ++y)
      for (int ox = 0; ox < c.out_width(); ++ox)
        for (int tap = 0; tap < 9; ++tap) {
          const int iy = y * c.stride + tap / 3 - 1, ix = ox * c.stride + tap % 3 - 1;
          if (iy >= 0 && iy < c.height && ix >= 0 && ix < c.width)
            each(tap, (y * c.out_width() + ox) * c.in, (iy * c.width + ix) * c.in);
        }
  }

  void solve() {
    const auto in = static_cast<size_t>(c.in), out = static_cast<size_t>(c.out),
               n = static_cast<size_t>(out_pixels);
    std::vector<double> a(x.begin(), x.end()), d(n * in), gd(n * in);
    gy.resize(n * out);
    g.resize(x.size());
    sums = {std::vector<double>(in), std::vector<double>(in), std::vector<double>(9 * in),
            std::vector<double>(in * out), std::vector<double>(9 * out)};
    if (c.norm)
      for (size_t i = 0; i < a.size(); ++i)
        a[i] = std::max(0.0, double{scale[i % in]} * x[i] + shift[i % in]);
    for_each_tap([&](int tap, int to, int from) {
      for (int k = 0; k < c.in; ++k) d[to + k] += depthwise[tap * c.in + k] * a[from + k];
    });
    for (size_t i = 0; i < gy.size(); ++i) {
      const size_t k = i % out;
      if (c.through)
        gy[i] = double{affine[0][k]} * g_behind[i] + affine[1][k] +
                double{affine[2][k]} * (double{v[i]} - affine[3][k]);
      if (c.past) gy[i] += past[i];
      const int pixel = static_cast<int>(i / out);
      const int border =
          ir::border_class(pixel / c.out_width(), pixel % c.out_width(), c.out_height(), c.out_width());
      sums.bias[static_cast<size_t>(border) * out + k] += gy[i];
      for (size_t j = 0; j < in; ++j) {
        gd[i / out * in + j] += gy[i] * pointwise[j * out + k];
        sums.pointwise[j * out + k] += d[i / out * in + j] * gy[i];
      }
    }
    for_each_tap([&](int tap, int to, int from) {
      for (int k = 0; k < c.in; ++k) {
        g[from + k] += depthwise[tap * c.in + k] * gd[to + k];
        sums.depthwise[tap * c.in + k] += a[from + k] * gd[to + k];
      }
    });
    for (size_t i = 0; i < g.size(); ++i) {
      if (c.norm && a[i] <= 0) g[i] = 0;
      sums.g[i % in] += g[i];
      sums.gx[i % in] += g[i] * (double{x[i]} - mean[i % in]);
    }
  }
};

void expect_answers(const SeparableGradientKernel& kernel, const Problem& problem, Precision precision) {
  const Case& c = problem.c;
  const auto in = static_cast<size_t>(c.in), out = static_cast<size_t>(c.out);
  Floats transposed;
  for (size_t k = 0; k < out; ++k)
    for (size_t j = 0; j < in; ++j) transposed.push_back(problem.pointwise[j * out + k]);
  const auto packed = pack_pointwise(transposed, c.in, kernel.packing, precision);
  Floats past = problem.past, g(problem.g.size());
  Floats sum_g(in), sum_gx(in), depthwise(9 * in), pointwise(in * out), bias(9 * out);
  Floats scratch(separable_gradient_scratch(c.width, c.in, c.out), std::nanf(""));
  SeparableGradient op{.height = c.height,
                       .width = c.width,
                       .in = c.in,
                       .out = c.out,
                       .stride = c.stride,
                       .depthwise = problem.depthwise.data(),
                       .transposed = packed.data(),
                       .through = problem.through(),
                       .past = c.past ? past.data() : nullptr};
  if (c.norm) {
    op.scale = problem.scale.data();
    op.shift = problem.shift.data();
    op.mean = problem.mean.data();
  }
  kernel.run(
      op, problem.x.data(), g.data(),
      {sum_g.data(), sum_gx.data(), depthwise.data(), pointwise.data(), c.bias ? bias.data() : nullptr},
      scratch.data());
  // Of one pixel a sum may be small beside what its bf16 operands err by.
  const double kBound = precision == Precision::kBf16 ? 2e-2 : 1e-6;
  EXPECT_LT(relative_error(g, problem.g), kBound);
  if (c.norm) {
    EXPECT_LT(relative_error(sum_g, problem.sums.g), kBound);
    EXPECT_LT(relative_error(sum_gx, problem.sums.gx), kBound);
  }
  EXPECT_LT(relative_error(depthwise, problem.sums.depthwise), kBound);
  EXPECT_LT(relative_error(pointwise, problem.sums.pointwise), kBound);
  if (c.bias) {
    EXPECT_LT(relative_error(bias, problem.sums.bias), 1e-6);
  }
  if (c.past) {
    EXPECT_LT(relative_error(past, problem.gy), 1e-6);
  }
}

TEST(SeparableGradient, OfEveryInstructionSetEqualsPlainLoopsOfDoubles) {
  for (const Case& c : kCases) {
    const Problem problem(c);
    for (const Precision precision : {Precision::kFp32, Precision::kBf16})
      for (const SeparableGradientKernel& kernel : separable_gradient_kernels(precision)) {
        SCOPED_TRACE(fmt::format("{} {}x{}x{} to {}, bf16 {}", kernel.isa, c.height, c.width, c.in, c.out,
                                 precision == Precision::kBf16));
        expect_answers(kernel, problem, precision);
      }
  }
}

TEST(SeparableGradient, PassesBackThroughANormInPlace) {
  const Problem problem({.height = 5, .width = 9, .in = 16, .out = 48});
  for (const SeparableGradientKernel& kernel : separable_gradient_kernels()) {
    Floats past = problem.past;
    kernel.pass(problem.through(), 5 * 9, 48, past.data());
    EXPECT_LT(relative_error(past, problem.gy), 1e-6) << kernel.isa;
  }
}

}  // namespace
}  // namespace dsode::kernels
