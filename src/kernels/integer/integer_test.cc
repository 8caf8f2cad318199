// The kernels against docs/numerics.md written down once more, value by value.
#include "kernels/integer/integer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <random>
#include <string>

#include "ir/graph.h"
#include "kernels/cpu.h"

namespace dsode::kernels {
namespace {

int64_t rsh(int64_t x, int s) { return (x + (int64_t{1} << (s - 1))) >> s; }

class Draws {
 public:
  explicit Draws(int seed) : random_(static_cast<unsigned>(seed)) {}
  template <class T>
  std::vector<T> some(int n, int64_t lo, int64_t hi) {
    std::uniform_int_distribution<int64_t> uniform(lo, hi);
    std::vector<T> values(static_cast<size_t>(n));
    for (T& v : values) v = static_cast<T>(uniform(random_));
    return values;
  }

 private:
  std::mt19937 random_;
};

enum class To { kActivation, kState, kIncrement };

struct Case {
  int height, width, in, out, stride = 1;
  bool norm = true, relu = true;
  To to = To::kActivation;
  int norm_shift = 20, depthwise_shift = 24, pointwise_shift = 27, activation_bits = 8, state_bits = 16;
  int64_t norm_bias = 1 << 28;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.height << "x" << c.width << "x" << c.in << " to " << c.out << ", shifts " << c.norm_shift
             << " " << c.depthwise_shift << " " << c.pointwise_shift;
}

// Odd sizes, rests of tiles of pixels, a narrower last block of channels, maps of dsodenet-t and -b and their
// transitions, shifts and biases that 32 bits do not hold, fewer bits.
const Case kCases[] = {
    {.height = 2, .width = 2, .in = 16, .out = 16},
    {.height = 1, .width = 1, .in = 16, .out = 16, .to = To::kState, .pointwise_shift = 18},
    {.height = 3, .width = 5, .in = 16, .out = 48, .to = To::kState, .pointwise_shift = 18},
    {.height = 5, .width = 11, .in = 32, .out = 32, .to = To::kIncrement, .pointwise_shift = 19},
    {.height = 28, .width = 28, .in = 16, .out = 16},
    {.height = 32,
     .width = 32,
     .in = 64,
     .out = 64,
     .norm = false,
     .to = To::kIncrement,
     .pointwise_shift = 20},
    {.height = 8,
     .width = 8,
     .in = 256,
     .out = 256,
     .norm = false,
     .to = To::kIncrement,
     .pointwise_shift = 20},
    {.height = 28,
     .width = 28,
     .in = 16,
     .out = 32,
     .stride = 2,
     .relu = false,
     .to = To::kState,
     .pointwise_shift = 18},
    {.height = 7,
     .width = 9,
     .in = 32,
     .out = 80,
     .stride = 2,
     .relu = false,
     .to = To::kState,
     .pointwise_shift = 17},
    {.height = 7, .width = 9, .in = 16, .out = 16, .norm_shift = 32},
    {.height = 7, .width = 9, .in = 16, .out = 16, .norm_shift = 40},
    {.height = 7, .width = 9, .in = 16, .out = 16, .norm_shift = 20, .norm_bias = INT32_MAX},
    {.height = 7, .width = 9, .in = 16, .out = 16, .norm_shift = 1, .norm_bias = 1 << 10},
    {.height = 7, .width = 9, .in = 16, .out = 16, .depthwise_shift = 1, .pointwise_shift = 40},
    {.height = 7, .width = 9, .in = 16, .out = 16, .depthwise_shift = 16, .pointwise_shift = 33},
    {.height = 7, .width = 9, .in = 16, .out = 16, .depthwise_shift = 32, .pointwise_shift = 32},
    {.height = 7, .width = 9, .in = 16, .out = 16, .depthwise_shift = 33, .pointwise_shift = 12},
    {.height = 7, .width = 9, .in = 16, .out = 16, .to = To::kIncrement, .pointwise_shift = 1},
    {.height = 7, .width = 9, .in = 16, .out = 16, .to = To::kIncrement, .pointwise_shift = 16},
    {.height = 7, .width = 9, .in = 16, .out = 16, .to = To::kIncrement, .pointwise_shift = 40},
    {.height = 6,
     .width = 6,
     .in = 16,
     .out = 16,
     .norm_shift = 24,
     .depthwise_shift = 28,
     .pointwise_shift = 31,
     .activation_bits = 4},
    {.height = 6,
     .width = 6,
     .in = 16,
     .out = 16,
     .relu = false,
     .to = To::kIncrement,
     .norm_shift = 26,
     .activation_bits = 2,
     .state_bits = 9},
};

// What an operation gives: activations, operands and y, all [pixels,channels].
struct Maps {
  std::vector<int> activations, operands, y;
  bool operator==(const Maps&) const = default;
};

struct Problem {
  Case c;
  int height, width, activation_lo, activation_hi, signed_hi, state_hi;
  std::vector<int16_t> z, scale, base;
  std::vector<uint8_t> a;  // where there is no norm
  std::vector<int32_t> norm_bias, bias;
  std::vector<int8_t> depthwise, pointwise;
  std::vector<uint16_t> depthwise_multiplier, multiplier;

  explicit Problem(const Case& c) : c(c) {
    Draws draws(c.width * 1000 + c.out);
    height = ir::strided(c.height, c.stride);
    width = ir::strided(c.width, c.stride);
    signed_hi = (1 << (c.activation_bits - 1)) - 1;
    activation_hi = c.relu ? (1 << c.activation_bits) - 1 : signed_hi;
    activation_lo = c.relu ? 0 : -signed_hi - 1;
    state_hi = (1 << (c.state_bits - 1)) - 1;
    const int values = c.height * c.width * c.in;
    z = draws.some<int16_t>(values, -state_hi - 1, state_hi);
    a = draws.some<uint8_t>(values, 0, activation_hi);
    scale = draws.some<int16_t>(c.in, INT16_MIN, INT16_MAX);
    norm_bias = draws.some<int32_t>(c.in, -c.norm_bias - 1, c.norm_bias);
    depthwise = draws.some<int8_t>(9 * c.in, -127, 127);
    depthwise_multiplier = draws.some<uint16_t>(c.in, 0, UINT16_MAX);
    pointwise = draws.some<int8_t>(c.in * c.out, -127, 127);
    bias = draws.some<int32_t>(9 * c.out, -(1 << 20), 1 << 20);
    multiplier = draws.some<uint16_t>(c.out, 0, UINT16_MAX);
    depthwise[0] = -127;
    scale[0] = INT16_MIN;
    z[0] = static_cast<int16_t>(-state_hi - 1);
    multiplier[0] = multiplier[1] = UINT16_MAX;
    multiplier[2] = 0;
    base = draws.some<int16_t>(height * width * c.out, -state_hi - 1, state_hi);
  }

  bool is_state() const { return c.to != To::kActivation; }

  Maps expected() const {
    Maps maps;
    for (int i = 0; i < c.height * c.width * c.in; ++i) {
      const auto at = static_cast<size_t>(i), k = static_cast<size_t>(i % c.in);
      maps.activations.push_back(c.norm ? static_cast<int>(std::clamp<int64_t>(
                                              rsh(int64_t{z[at]} * scale[k] + norm_bias[k], c.norm_shift),
                                              activation_lo, activation_hi))
                                        : a[at]);
    }
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        for (int k = 0; k < c.in; ++k) maps.operands.push_back(operand(maps.activations, y, x, k));
        for (int k = 0; k < c.out; ++k) maps.y.push_back(result(maps.operands, y, x, k));
      }
    return maps;
  }

  int operand(const std::vector<int>& activations, int y, int x, int k) const {
    int64_t sum = 0;
    for (int tap = 0; tap < 9; ++tap) {
      const int sy = y * c.stride + tap / 3 - 1, sx = x * c.stride + tap % 3 - 1;
      if (sy < 0 || sy >= c.height || sx < 0 || sx >= c.width) continue;
      sum += depthwise[static_cast<size_t>(tap * c.in + k)] *
             activations[static_cast<size_t>((sy * c.width + sx) * c.in + k)];
    }
    return static_cast<int>(
        std::clamp<int64_t>(rsh(sum * depthwise_multiplier[static_cast<size_t>(k)], c.depthwise_shift),
                            -signed_hi - 1, signed_hi));
  }

  int result(const std::vector<int>& operands, int y, int x, int k) const {
    const int border = ir::border_class(y, x, height, width);
    int64_t sum = bias[static_cast<size_t>(border * c.out + k)];
    for (int i = 0; i < c.in; ++i)
      sum += pointwise[static_cast<size_t>(i * c.out + k)] *
             operands[static_cast<size_t>((y * width + x) * c.in + i)];
    int64_t r = rsh(sum * multiplier[static_cast<size_t>(k)], c.pointwise_shift);
    if (c.to == To::kIncrement) r += base[static_cast<size_t>((y * width + x) * c.out + k)];
    return static_cast<int>(std::clamp<int64_t>(r, lo(), hi()));
  }

  int lo() const { return c.to == To::kIncrement ? -state_hi - 1 : 0; }
  int hi() const { return is_state() ? state_hi : (1 << c.activation_bits) - 1; }

  // Sums no larger than these leave the kernels the choice of how to rescale.
  static constexpr int64_t kLargest = (1 << 20) + 256 * 128 * 128;

  Maps run(const IntegerKernel& kernel, int bands = 1, int64_t largest = kLargest) const {
    const int zero = c.relu ? 0 : kSignedZero;
    const NormPlan norm_plan(scale, norm_bias, c.norm_shift, zero, activation_lo, activation_hi);
    const RescalePlan depthwise_plan(depthwise_multiplier, c.depthwise_shift, largest, kSignedZero),
        plan(multiplier, c.pointwise_shift, largest);
    const IntegerNorm norm = norm_plan.at(0);
    std::vector<int32_t> depthwise_bias(static_cast<size_t>(c.in)), biases = bias;
    for (size_t i = 0; i < depthwise.size(); ++i)
      depthwise_bias[i % depthwise_bias.size()] -= zero * depthwise[i];
    for (size_t i = 0; i < biases.size(); ++i)
      for (size_t k = i % multiplier.size(); k < pointwise.size(); k += multiplier.size())
        biases[i] -= kSignedZero * pointwise[k];
    const auto packed = pack_product<int8_t>(pointwise, c.out, kernel.packing);
    std::vector<uint8_t> activations(z.size()), operands(static_cast<size_t>(height * width * c.in)),
        y8(base.size()), scratch(integer_scratch(c.width, c.in), 0xaa);
    std::vector<int16_t> y16 = base;
    IntegerSeparable op{.height = c.height,
                        .width = c.width,
                        .in = c.in,
                        .stride = c.stride,
                        .begin = 0,
                        .end = 0,
                        .norm = c.norm ? &norm : nullptr,
                        .zero = zero,
                        .depthwise = depthwise.data(),
                        .depthwise_bias = depthwise_bias.data(),
                        .depthwise_rescale = depthwise_plan.at(0),
                        .depthwise_lo = kSignedZero - signed_hi - 1,
                        .depthwise_hi = kSignedZero + signed_hi,
                        .product = {.out = c.out,
                                    .weight = packed.data(),
                                    .bias = biases.data(),
                                    .border = c.out,
                                    .rescale = plan.at(0),
                                    .state = is_state(),
                                    .base = c.to == To::kIncrement ? y16.data() : nullptr,
                                    .lo = lo(),
                                    .hi = hi()},
                        .activations = activations.data(),
                        .operands = operands.data()};
    const void* x = c.norm ? static_cast<const void*>(z.data()) : a.data();
    void* y = is_state() ? static_cast<void*>(y16.data()) : y8.data();
    for (int band = 0; band < bands; ++band) {
      op.begin = height * band / bands;
      op.end = height * (band + 1) / bands;
      kernel.separable(op, x, y, scratch.data());
    }
    Maps maps;
    for (const int value : activations) maps.activations.push_back(value - zero);
    for (const int value : operands) maps.operands.push_back(value - kSignedZero);
    if (is_state())
      maps.y.assign(y16.begin(), y16.end());
    else
      maps.y.assign(y8.begin(), y8.end());
    return maps;
  }
};

TEST(Integer, SeparableOfEveryInstructionSetIsThatOfThePage) {
  for (const Case& c : kCases) {
    const Problem problem(c);
    const Maps expected = problem.expected();
    for (const IntegerKernel& kernel : integer_kernels()) {
      for (const int64_t largest : {Problem::kLargest, int64_t{1} << 26}) {
        const Maps maps = problem.run(kernel, 1, largest);
        EXPECT_EQ(maps.activations, expected.activations) << kernel.isa << " " << c;
        EXPECT_EQ(maps.operands, expected.operands) << kernel.isa << " " << c;
        EXPECT_EQ(maps.y, expected.y) << kernel.isa << " " << c;
      }
    }
  }
}

TEST(Integer, InBandsOfRowsIsTheSame) {
  for (const Case& c : kCases) {
    const Problem problem(c);
    for (const IntegerKernel& kernel : integer_kernels())
      EXPECT_EQ(problem.run(kernel, 3), problem.run(kernel)) << kernel.isa << " " << c;
  }
}

TEST(Integer, StemOfEveryInstructionSetIsThatOfThePage) {
  for (const int in : {1, 3})
    for (const int width : {1, 5, 32}) {
      const int height = 6, out = 48, window = integer_stem_window(in), shift = 20;
      Draws draws(width);
      const auto pixels = draws.some<uint8_t>(height * width * in, 0, 255),
                 zero = draws.some<uint8_t>(in, 0, 255);
      const auto weight = draws.some<int8_t>(9 * in * out, -127, 127);
      const auto bias = draws.some<int32_t>(out, -100'000, 100'000);
      const auto multiplier = draws.some<uint16_t>(out, 0, UINT16_MAX);
      std::vector<int16_t> expected;
      for (int i = 0; i < height * width * out; ++i) {
        const int k = i % out, x = i / out % width, y = i / out / width;
        int64_t sum = bias[static_cast<size_t>(k)];
        for (int j = 0; j < 9 * in; ++j) {
          const int sy = y + j / in / 3 - 1, sx = x + j / in % 3 - 1;
          if (sy < 0 || sy >= height || sx < 0 || sx >= width) continue;
          sum += weight[static_cast<size_t>(j * out + k)] *
                 (pixels[static_cast<size_t>((sy * width + sx) * in + j % in)] -
                  zero[static_cast<size_t>(j % in)]);
        }
        expected.push_back(static_cast<int16_t>(
            std::clamp<int64_t>(rsh(sum * multiplier[static_cast<size_t>(k)], shift), 0, INT16_MAX)));
      }
      std::vector<int8_t> padded = weight;
      padded.resize(static_cast<size_t>(window * out));
      std::vector<int32_t> biases = bias;
      for (size_t i = 0; i < biases.size(); ++i)
        for (int j = 0; j < 9 * in; ++j)
          biases[i] -= weight[static_cast<size_t>(j * out) + i] * zero[static_cast<size_t>(j % in)];
      const RescalePlan plan(multiplier, shift, 1 << 21);
      for (const IntegerKernel& kernel : integer_kernels()) {
        const auto packed = pack_product<int8_t>(padded, out, kernel.packing);
        std::vector<uint8_t> scratch(integer_scratch(width, in), 0xaa);
        std::vector<int16_t> y(expected.size());
        IntegerStem op{.height = height,
                       .width = width,
                       .in = in,
                       .begin = 0,
                       .end = 2,
                       .zero = zero.data(),
                       .product = {.out = out,
                                   .weight = packed.data(),
                                   .bias = biases.data(),
                                   .border = 0,
                                   .rescale = plan.at(0),
                                   .state = true,
                                   .base = nullptr,
                                   .lo = 0,
                                   .hi = INT16_MAX}};
        kernel.stem(op, pixels.data(), y.data(), scratch.data());
        op.begin = 2;
        op.end = height;
        kernel.stem(op, pixels.data(), y.data(), scratch.data());
        EXPECT_EQ(y, expected) << kernel.isa << " " << in << " " << width;
      }
    }
}

TEST(Integer, PoolOfEveryInstructionSetIsThatOfThePage) {
  for (const int shift : {20, 36}) {
    const int pixels = 49, channels = 48;
    Draws draws(shift);
    const auto z = draws.some<int16_t>(pixels * channels, INT16_MIN, INT16_MAX),
               scale = draws.some<int16_t>(channels, INT16_MIN, INT16_MAX);
    const auto bias = draws.some<int32_t>(channels, -(1 << 27), 1 << 27);
    std::vector<int32_t> expected(channels);
    for (size_t i = 0; i < z.size(); ++i)
      expected[i % channels] += static_cast<int32_t>(
          std::clamp<int64_t>(rsh(int64_t{z[i]} * scale[i % channels] + bias[i % channels], shift), 0, 255));
    const NormPlan norm(scale, bias, shift, 0, 0, 255);
    for (const IntegerKernel& kernel : integer_kernels()) {
      std::vector<int32_t> sums(channels, -1);
      std::vector<uint8_t> activations(z.size());
      kernel.pool({pixels, channels, norm.at(0), activations.data()}, z.data(), sums.data());
      for (size_t i = 0; i < activations.size(); ++i) sums[i % channels] -= activations[i];
      EXPECT_EQ(sums, std::vector<int32_t>(channels)) << kernel.isa << " " << shift;
      kernel.pool({pixels, channels, norm.at(0), nullptr}, z.data(), sums.data());
      EXPECT_EQ(sums, expected) << kernel.isa << " " << shift;
    }
  }
}

// What a state of 16 bits does not saturate is exact, all else beyond.
void expect_rescaled(int64_t result, int64_t exact) {
  constexpr int kState = 32768;
  if (std::abs(exact) < 2 * kState)
    ASSERT_EQ(result, exact);
  else
    ASSERT_TRUE(exact > 0 ? result >= 2 * kState : result <= -2 * kState) << result << " " << exact;
  ASSERT_EQ(result, static_cast<int32_t>(result));
}

int64_t floored(float acc, float scale, float plus) {
  volatile float factor = scale;  // the mode is set before it is read
  std::fesetround(FE_DOWNWARD);
  const volatile float sum = std::fma(acc, factor, plus);
  std::fesetround(FE_TONEAREST);
  return static_cast<int64_t>(std::floor(sum));
}

TEST(Integer, RescaleIsExactForEveryShift) {
  // One channel a multiplier: the largest, those beside powers of two, the least.
  const std::vector<uint16_t> multipliers{65535, 65534, 32769, 32768, 32767, 1025, 1024, 1023,
                                          257,   256,   255,   3,     2,     1,    0,    40503};
  constexpr int64_t kMost = 1 << 24;
  for (int shift = 1; shift <= 40; ++shift) {
    const RescalePlan plan(multipliers, shift, kMost);
    const Rescale op = plan.at(0);
    ASSERT_EQ(op.scale != nullptr, shift >= 10);
    for (size_t k = 0; k < multipliers.size(); ++k) {
      Draws draws(static_cast<int>(k));
      std::vector<int32_t> sums = draws.some<int32_t>(500, -(1 << 26), 1 << 26);
      for (int i = 0; i < 26; ++i)
        for (const int sign : {-1, 1})
          for (const int near : {-1, 0, 1}) sums.push_back(sign * ((1 << i) + near));
      for (const int32_t sum : sums) {
        int64_t acc = sum;
        if (op.bound) acc = std::clamp<int64_t>(acc, -op.bound[k], op.bound[k]) << op.left[k];
        ASSERT_EQ(acc, static_cast<int32_t>(acc));
        const int64_t high = ((acc * op.multiplier[k] + op.rounding) >> 32) >> op.right;
        const int64_t exact = rsh(int64_t{sum} * multipliers[k], shift);
        expect_rescaled(high, exact);
        if (op.scale && std::abs(sum) <= kMost)
          expect_rescaled(floored(static_cast<float>(sum), op.scale[k], op.plus), exact);
      }
    }
  }
}

}  // namespace
}  // namespace dsode::kernels
