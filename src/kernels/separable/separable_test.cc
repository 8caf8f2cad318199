#include "kernels/separable/separable.h"

#include "kernels/fixture.h"

namespace dsode::kernels {
namespace {

struct Case {
  int height, width, in, out, stride = 1;
  bool norm = true, timed = false, relu = false, add = false;
};

// Odd sizes, rests of tiles of pixels, a narrower last block of channels, the maps of dsodenet-t and -b and
// their transitions.
constexpr Case kCases[] = {
    {.height = 2, .width = 2, .in = 16, .out = 16},
    {.height = 3, .width = 5, .in = 16, .out = 48, .timed = true, .add = true},
    {.height = 5, .width = 11, .in = 32, .out = 16, .timed = true},
    {.height = 7, .width = 7, .in = 64, .out = 64, .add = true},
    {.height = 28, .width = 28, .in = 16, .out = 16},
    {.height = 32, .width = 32, .in = 64, .out = 64, .add = true},
    {.height = 8, .width = 8, .in = 256, .out = 256, .timed = true, .add = true},
    {.height = 28, .width = 28, .in = 16, .out = 32, .stride = 2, .norm = false, .relu = true},
    {.height = 7, .width = 9, .in = 32, .out = 80, .stride = 2, .norm = false, .relu = true},
    {.height = 2, .width = 3, .in = 16, .out = 16, .stride = 2},
};

struct Problem {
  Case c;
  ir::Graph graph;
  ir::Floats x, biases;
  Expected expected;
  const ir::Affine* norm = nullptr;
  const ir::DwConv* dw;
  const ir::PwConv* pw;

  explicit Problem(const Case& c) : c(c) {
    Values values(c.width * 1000 + c.out);
    graph.spec.input = {c.height, c.width, c.in};
    if (c.norm) {
      graph.ops.push_back({"norm", ir::Affine{1, values.draw(c.in, 1, 0.3f), values.draw(c.in, 0, 0.3f)}});
      graph.ops.push_back({"relu", ir::Relu{}});
    }
    graph.ops.push_back({"dw", ir::DwConv{c.stride, values.draw(9 * c.in, 0, 0.3f)}});
    graph.ops.push_back({"pw", ir::PwConv{c.out,
                                          false,
                                          values.draw(c.in * c.out, 0, 1 / std::sqrt(float(c.in))),
                                          values.draw(c.out, 0, 1),
                                          {}}});
    if (c.norm) norm = &std::get<ir::Affine>(graph.ops[0].what);
    dw = &std::get<ir::DwConv>(graph.ops[graph.ops.size() - 2].what);
    pw = &std::get<ir::PwConv>(graph.ops.back().what);
    x = values.draw(c.height * c.width * c.in, 0, 1);
    expected = expected_of(c, ir::interpret(graph, x).logits, values);
    biases = border_biases(pw->bias, expected.time);
  }

  ir::Floats run(const SeparableKernel& kernel, Precision precision = Precision::kFp32, int bands = 1) const {
    ir::Floats y = expected.before, scratch(separable_scratch(c.width, c.in), std::nanf(""));
    const auto packed = pack_pointwise(pw->weight, c.out, kernel.packing, precision);
    Separable op{.height = c.height,
                 .width = c.width,
                 .in = c.in,
                 .out = c.out,
                 .stride = c.stride,
                 .begin = 0,
                 .end = 0,
                 .scale = norm ? norm->scale.data() : nullptr,
                 .shift = norm ? norm->bias.data() : nullptr,
                 .depthwise = dw->weight.data(),
                 .pointwise = packed.data(),
                 .bias = biases.data(),
                 .base = c.add ? y.data() : nullptr,
                 .relu = c.relu};
    const int rows = expected.shape.h;
    for (int band = 0; band < bands; ++band) {
      op.begin = rows * band / bands;
      op.end = rows * (band + 1) / bands;
      kernel.run(op, x.data(), y.data(), scratch.data());
    }
    return y;
  }
};

TEST(Separable, OfEveryInstructionSetEqualsTheInterpreter) {
  for (const Case& c : kCases) {
    const Problem problem(c);
    for (const SeparableKernel& kernel : separable_kernels())
      EXPECT_LT(problem.expected.worst_error(problem.run(kernel)), 2e-5)
          << kernel.isa << " " << c.height << "x" << c.width << "x" << c.in << " to " << c.out;
  }
}

// An operand's rounding error is 2^-9 of it at most, and a sum of some near 1 has one of them from each.
TEST(Separable, InBf16IsNearTheInterpreter) {
  for (const Case& c : kCases) {
    const Problem problem(c);
    for (const SeparableKernel& kernel : separable_kernels(Precision::kBf16)) {
      const double error = problem.expected.worst_error(problem.run(kernel, Precision::kBf16));
      EXPECT_LT(error, 0.03) << kernel.isa << " " << c.height << "x" << c.width << "x" << c.in;
      EXPECT_GT(error, 1e-4) << kernel.isa << " does not round";
    }
  }
}

TEST(Separable, InBandsOfRowsIsTheSame) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16})
    for (const Case& c : kCases) {
      const Problem problem(c);
      for (const SeparableKernel& kernel : separable_kernels(precision))
        EXPECT_EQ(problem.run(kernel, precision, 3), problem.run(kernel, precision))
            << kernel.isa << " " << c.height << "x" << c.width;
    }
}

TEST(Separable, LetsNaNThrough) {
  Problem problem({.height = 4, .width = 4, .in = 16, .out = 16});
  problem.x[5 * 16] = std::nanf("");  // pixel (1, 1)
  for (const Precision precision : {Precision::kFp32, Precision::kBf16})
    for (const SeparableKernel& kernel : separable_kernels(precision)) {
      const ir::Floats y = problem.run(kernel, precision);
      for (int i = 0; i < 16; ++i)
        EXPECT_EQ(std::isnan(y[static_cast<size_t>(i) * 16]), i / 4 < 3 && i % 4 < 3)
            << kernel.isa << " pixel " << i;
    }
}

}  // namespace
}  // namespace dsode::kernels
