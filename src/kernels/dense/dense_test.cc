#include "kernels/dense/dense.h"

#include "kernels/fixture.h"

namespace dsode::kernels {
namespace {

struct Case {
  int height, width, in, out, size = 3, stride = 1;
  bool timed = false, relu = false, add = false;
};

// The stems of one and three colours and of large images, a half step of odenet, its transition, odd sizes.
constexpr Case kCases[] = {
    {.height = 28, .width = 28, .in = 1, .out = 16, .relu = true},
    {.height = 32, .width = 32, .in = 3, .out = 64, .relu = true},
    {.height = 19, .width = 21, .in = 3, .out = 48, .size = 7, .stride = 2, .relu = true},
    {.height = 7, .width = 7, .in = 64, .out = 64, .timed = true, .add = true},
    {.height = 9, .width = 5, .in = 16, .out = 32, .stride = 2},
    {.height = 2, .width = 2, .in = 5, .out = 16, .timed = true},
};

// No rows yet, and no parameters.
Dense op_of(const Case& c) {
  return {.height = c.height,
          .width = c.width,
          .in = c.in,
          .out = c.out,
          .size = c.size,
          .stride = c.stride,
          .begin = 0,
          .end = 0};
}

TEST(Dense, OfEveryInstructionSetEqualsTheInterpreter) {
  for (const Case& c : kCases) {
    Values values(c.width * 1000 + c.out);
    ir::Graph graph;
    graph.spec.input = {c.height, c.width, c.in};
    const int taps = c.size * c.size * c.in;
    graph.ops.push_back({"conv", ir::Conv{c.size,
                                          c.stride,
                                          c.out,
                                          false,
                                          values.draw(taps * c.out, 0, 1 / std::sqrt(float(taps))),
                                          values.draw(c.out, 0, 1),
                                          {}}});
    const auto& conv = std::get<ir::Conv>(graph.ops[0].what);
    const ir::Floats x = values.draw(c.height * c.width * c.in, 0, 1);
    const Expected expected = expected_of(c, ir::interpret(graph, x).logits, values);
    const ir::Floats biases = border_biases(conv.bias, expected.time);

    for (const DenseKernel& kernel : dense_kernels()) {
      const auto packed = pack_product<float>(conv.weight, c.out, kernel.packing);
      ir::Floats y = expected.before, scratch(dense_scratch(c.width, c.in, c.size, c.stride), std::nanf(""));
      Dense op = op_of(c);
      op.weight = packed.data();
      op.bias = biases.data();
      op.base = c.add ? y.data() : nullptr;
      op.relu = c.relu;
      for (const int end : {expected.shape.h / 2, expected.shape.h}) {
        op.begin = op.end;
        op.end = end;
        kernel.run(op, x.data(), y.data(), scratch.data());
      }
      EXPECT_LT(expected.worst_error(y), 2e-5)
          << kernel.isa << " " << c.height << "x" << c.width << "x" << c.in;
    }
  }
}

TEST(DenseGradient, OfEveryInstructionSetEqualsPlainLoopsOfDoubles) {
  for (const Case& c : kCases) {
    Values values(c.width * 1000 + c.out);
    const int height = ir::strided(c.height, c.stride), width = ir::strided(c.width, c.stride);
    const ir::Floats x = values.draw(c.height * c.width * c.in, 0.5F, 1),
                     gy = values.draw(height * width * c.out, 0.2F, 1);
    std::vector<double> weight(static_cast<size_t>(c.size * c.size * c.in * c.out)),
        bias(static_cast<size_t>(c.out));
    for (int p = 0; p < height * width; ++p)
      for (int k = 0; k < c.out; ++k) {
        const double g = gy[static_cast<size_t>(p * c.out + k)];
        bias[static_cast<size_t>(k)] += g;
        for (int tap = 0; tap < c.size * c.size; ++tap) {
          const int iy = p / width * c.stride + tap / c.size - c.size / 2,
                    ix = p % width * c.stride + tap % c.size - c.size / 2;
          if (iy < 0 || iy >= c.height || ix < 0 || ix >= c.width) continue;
          for (int j = 0; j < c.in; ++j)
            weight[static_cast<size_t>((tap * c.in + j) * c.out + k)] +=
                g * x[static_cast<size_t>((iy * c.width + ix) * c.in + j)];
        }
      }
    for (const DenseKernel& kernel : dense_kernels()) {
      SCOPED_TRACE(fmt::format("{} {}x{}x{}", kernel.isa, c.height, c.width, c.in));
      ir::Floats sums(weight.size()), bias_sums(bias.size()),
          scratch(dense_scratch(c.width, c.in, c.size, c.stride), std::nanf(""));
      Dense op = op_of(c);
      for (const int end : {height / 2, height}) {
        op.begin = op.end;
        op.end = end;
        kernel.gradient(op, x.data(), gy.data(), {sums.data(), bias_sums.data()}, scratch.data());
      }
      EXPECT_LT(relative_error(sums, weight), 1e-6);
      EXPECT_LT(relative_error(bias_sums, bias), 1e-6);
    }
  }
}

}  // namespace
}  // namespace dsode::kernels
