#include "kernels/head/head.h"

#include "kernels/fixture.h"

namespace dsode::kernels {
namespace {

using ir::Floats;
using Doubles = std::vector<double>;

struct Case {
  int pixels, channels, classes;
};
constexpr Case kCases[] = {{1, 16, 16}, {49, 64, 16}, {64, 256, 48}, {5, 48, 32}};

// A problem and, in plain loops over doubles, its answers.
struct Problem {
  Case c;
  Floats x, scale, shift, weight, bias, g_features, slope, offset, mean;
  Doubles features, scores, sum_g, sum_gx, g;

  explicit Problem(const Case& c) : c(c) {
    Values values(c.pixels * 1000 + c.channels);
    x = values.draw(c.pixels * c.channels, 0.3F, 1);
    weight = values.draw(c.channels * c.classes, 0, 0.2F);
    bias = values.draw(c.classes, 0, 1);
    for (Floats* channel : {&scale, &shift, &g_features, &slope, &offset, &mean})
      *channel = values.draw(c.channels, 0.2F, 0.5F);
    const auto channels = static_cast<size_t>(c.channels), classes = static_cast<size_t>(c.classes);
    for (Doubles* sums : {&features, &sum_g, &sum_gx}) sums->resize(channels);
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t k = i % channels;
      const double normed = double{scale[k]} * x[i] + shift[k], at_x = double{x[i]} - mean[k];
      const double here = normed > 0 ? double{g_features[k]} / c.pixels : 0;
      features[k] += std::max(normed, 0.0) / c.pixels;
      sum_g[k] += here;
      sum_gx[k] += here * at_x;
      g.push_back(scale[k] * here + offset[k] + slope[k] * at_x);
    }
    scores.assign(bias.begin(), bias.end());
    for (size_t i = 0; i < weight.size(); ++i) scores[i % classes] += features[i / classes] * weight[i];
  }
};

TEST(Head, OfEveryInstructionSetEqualsPlainLoopsOfDoubles) {
  for (const Case& c : kCases) {
    const Problem problem(c);
    for (const HeadKernel& kernel : head_kernels()) {
      SCOPED_TRACE(fmt::format("{} {}x{} to {}", kernel.isa, c.pixels, c.channels, c.classes));
      const auto weight = pack_product<float>(problem.weight, c.classes, kernel.packing);
      const Head op{.pixels = c.pixels,
                    .channels = c.channels,
                    .scale = problem.scale.data(),
                    .shift = problem.shift.data(),
                    .classes = c.classes,
                    .weight = weight.data(),
                    .bias = problem.bias.data()};
      const auto channels = static_cast<size_t>(c.channels);
      Floats features(channels), scores(problem.scores.size()), sum_g(channels), sum_gx(channels),
          g(problem.x.size());
      kernel.run(op, problem.x.data(), features.data(), scores.data());
      kernel.sums(op, problem.x.data(), problem.g_features.data(), problem.mean.data(), sum_g.data(),
                  sum_gx.data());
      kernel.gradient(
          op, problem.x.data(), problem.g_features.data(),
          {problem.scale.data(), problem.offset.data(), problem.slope.data(), problem.mean.data()}, g.data());
      EXPECT_LT(relative_error(features, problem.features), 1e-6);
      EXPECT_LT(relative_error(scores, problem.scores), 1e-6);
      EXPECT_LT(relative_error(sum_g, problem.sum_g), 1e-6);
      EXPECT_LT(relative_error(sum_gx, problem.sum_gx), 1e-6);
      EXPECT_LT(relative_error(g, problem.g), 1e-6);
    }
  }
}

}  // namespace
}  // namespace dsode::kernels
