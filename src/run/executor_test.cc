#include "run/executor.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "ir/fixture.h"
#include "ir/interpret.h"

namespace dsode::run {
namespace {

struct Case {
  const char *model, *norm = "bn-per-step", *time = "none", *solver = "euler";
};

ir::Graph graph_of(const Case& c, const std::vector<int>& widths, const std::vector<int>& input) {
  ir::ModelOverrides overrides;
  overrides.widths = widths;
  overrides.input = input;
  overrides.norm = c.norm;
  overrides.time = c.time;
  overrides.solver = c.solver;
  overrides.steps = 3;
  ir::ModelSpec spec = ir::make_spec(c.model, overrides);
  spec.classes = {"a", "b", "c"};
  return ir::graph_from_checkpoint(ir::RandomCheckpoint(spec).make());
}

std::vector<uint8_t> random_pixels(size_t n) {
  Rng rng(1, Stream::kInit);
  std::vector<uint8_t> pixels(n);
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(rng.below(256));
  return pixels;
}

TEST(Executor, EqualsTheInterpreterForEveryFamilyNormTimeAndSolver) {
  for (const Case& c :
       {Case{"dsodenet-t"}, Case{"dsodenet-b"}, Case{"dsodenet-t", "bn", "concat", "midpoint"},
        Case{"dsodenet-s", "bn-per-step", "concat"}, Case{"dsodenet-t", "none", "none", "rk4"},
        Case{"dsodenet-t", "bn", "none", "dopri5"}, Case{"odenet-t", "bn-per-step", "concat", "heun"},
        Case{"resnet-t"}, Case{"rodenet-t"}}) {
    SCOPED_TRACE(fmt::format("{} {} {} {}", c.model, c.norm, c.time, c.solver));
    const ir::Graph graph = graph_of(c, {16, 48, 32}, {15, 13, 3});
    const std::vector<uint8_t> pixels = random_pixels(graph.spec.input.size());
    const ir::Scores expected = ir::interpret(graph, ir::normalized(graph.spec, pixels));
    std::string reason;
    const auto executor = Executor::plan(graph, reason);
    ASSERT_TRUE(executor) << reason;
    Executor::Arena arena = executor->arena();
    for (int image = 0; image < 2; ++image) {  // nothing stays in the arena
      std::vector<float> logits(3), features(32);
      executor->run(pixels, arena, logits, features);
      for (size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(logits[k], expected.logits[k], 2e-5 * (1 + std::abs(expected.logits[k])));
      for (size_t k = 0; k < 32; ++k)
        EXPECT_NEAR(features[k], expected.features[k], 2e-5 * (1 + std::abs(expected.features[k])));
    }
  }
}

TEST(Executor, GivesTheSameBitsOnAnyNumberOfThreadsAndForPixelsAsFloats) {
  for (const Case& c : {Case{"dsodenet-t"}, Case{"dsodenet-t", "bn", "concat", "rk4"}, Case{"odenet-t"}}) {
    SCOPED_TRACE(fmt::format("{} {}", c.model, c.solver));
    const ir::Graph graph = graph_of(c, {16, 48, 32}, {15, 13, 3});
    const std::vector<uint8_t> pixels = random_pixels(graph.spec.input.size());
    const std::vector<float> floats(pixels.begin(), pixels.end());
    std::string reason;
    const auto executor = Executor::plan(graph, reason);
    ASSERT_TRUE(executor) << reason;
    std::vector<float> expected_logits(3), expected_features(32);
    Executor::Arena one = executor->arena();
    executor->run(pixels, one, expected_logits, expected_features);
    for (const int threads : {1, 2, 3, 5, 20}) {  // 20: more than rows
      ThreadPool pool(threads);
      Barrier barrier;
      Executor::Arena arena = executor->arena(threads);
      std::vector<float> logits(3), features(32);
      for (int image = 0; image < 2; ++image)
        pool.run([&](int worker) {
          const Member member{worker, threads, &barrier};
          if (image == 0)
            executor->run(pixels, arena, logits, features, member);
          else
            executor->run(floats, arena, logits, features, member);
        });
      EXPECT_EQ(logits, expected_logits);
      EXPECT_EQ(features, expected_features);
    }
  }
}

TEST(Executor, SaysWhatTheKernelsDoNotCover) {
  std::string reason;
  EXPECT_FALSE(Executor::plan(graph_of({"dsodenet-t", "gn"}, {16, 32, 64}, {9, 9, 1}), reason));
  EXPECT_EQ(reason, "operation stem.norm");
  EXPECT_FALSE(Executor::plan(graph_of({"dsodenet-t"}, {16, 24, 64}, {9, 9, 1}), reason));
  EXPECT_EQ(reason, "24 channels");
}

}  // namespace
}  // namespace dsode::run
