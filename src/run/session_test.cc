#include "run/session.h"

#include <gtest/gtest.h>

#include "base/fixture.h"
#include "base/rng.h"
#include "ir/fixture.h"
#include "ir/golden.h"
#include "ir/int_fixture.h"

namespace dsode::run {
namespace {

ir::SafeTensors checkpoint(const std::string& norm = "bn") {
  ir::ModelOverrides overrides;
  overrides.widths = std::vector{16, 32};
  overrides.input = std::vector{11, 9, 3};
  overrides.norm = norm;
  overrides.steps = 2;
  ir::ModelSpec spec = ir::make_spec("dsodenet-t", overrides);
  spec.classes = {"a", "b", "c"};
  spec.normalization = {{0.4F, 0.5F, 0.6F}, {0.2F, 0.3F, 0.4F}};
  return ir::RandomCheckpoint(spec).make();
}

template <class Pixel>
std::vector<Pixel> random_pixels(size_t n) {
  Rng rng(1, Stream::kInit);
  std::vector<Pixel> pixels(n);
  for (Pixel& pixel : pixels) pixel = static_cast<Pixel>(rng.below(256));
  return pixels;
}

struct Outputs {
  std::vector<float> logits, features;
  bool operator==(const Outputs&) const = default;
};

template <class Pixel>
Outputs outputs_of(Session& session, const std::vector<Pixel>& pixels) {
  const size_t n = pixels.size() / session.spec().input.size();
  Outputs outputs{std::vector<float>(n * session.spec().classes.size()),
                  std::vector<float>(n * session.features())};
  session.run(pixels, outputs.logits, outputs.features);
  std::vector<float> again(outputs.logits.size());
  session.run(pixels, again);  // without features
  EXPECT_EQ(again, outputs.logits);
  return outputs;
}

TEST(Session, GivesTheSameBitsForAnyNumbersOfImagesAndThreads) {
  const ir::SafeTensors integer = ir::integer::to_file(ir::integer::small_model());
  for (const auto& [file, precision] : {std::pair{checkpoint(), "auto"},
                                        {checkpoint(), "bf16"},
                                        {checkpoint("gn"), "auto"},
                                        {integer, "auto"}}) {
    Session one(file, {.precision = precision, .threads = 1});
    const auto pixels = random_pixels<uint8_t>(7 * one.spec().input.size());
    const Outputs expected = outputs_of(one, pixels);
    for (const int threads : {2, 3, 8}) {
      Session session(file, {.precision = precision, .threads = threads});
      EXPECT_EQ(session.threads(), threads);
      EXPECT_EQ(outputs_of(session, pixels), expected);
      EXPECT_EQ(outputs_of(session, std::vector<float>(pixels.begin(), pixels.end())), expected);
    }
    Session session(file, {.precision = precision, .threads = 4});
    const auto single =
        std::vector(pixels.end() - static_cast<int64_t>(one.spec().input.size()), pixels.end());
    const Outputs last = outputs_of(session, single);
    EXPECT_TRUE(std::equal(last.logits.begin(), last.logits.end(),
                           expected.logits.end() - static_cast<int64_t>(last.logits.size())));
  }
}

TEST(Session, RunsOnKernelsOrSaysWhatTheyDoNotCover) {
  Session kernels(checkpoint(), {});
  EXPECT_NE(kernels.engine(), "interpreter");
  EXPECT_EQ(kernels.uncovered(), "");
  Session interpreter(checkpoint("gn"), {});
  EXPECT_EQ(interpreter.engine(), "interpreter");
  EXPECT_EQ(interpreter.uncovered(), "operation stem.norm");

  Session asked(checkpoint(), {.interpret = true});
  EXPECT_EQ(asked.engine(), "interpreter");
  const auto pixels = random_pixels<uint8_t>(asked.spec().input.size());
  const Outputs expected = outputs_of(asked, pixels), outputs = outputs_of(kernels, pixels);
  for (size_t k = 0; k < expected.logits.size(); ++k)
    EXPECT_NEAR(outputs.logits[k], expected.logits[k], 2e-5 * (1 + std::abs(expected.logits[k])));
}

TEST(Session, RunsPointwiseProductsInBf16WhereAsked) {
  Session fp32(checkpoint(), {}), bf16(checkpoint(), {.precision = "bf16"});
  EXPECT_EQ(bf16.precision(), "bf16");
  const auto pixels = random_pixels<uint8_t>(3 * fp32.spec().input.size());
  const auto expected = outputs_of(fp32, pixels).logits, logits = outputs_of(bf16, pixels).logits;
  EXPECT_NE(logits, expected);
  for (size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(logits[k], expected[k], 0.02 * (1 + std::abs(expected[k])));

  Session interpreter(checkpoint("gn"), {.precision = "bf16"});
  EXPECT_EQ(interpreter.precision(), "fp32");
}

TEST(Session, TakesFloatPixelsBetweenTheWholeOnes) {
  Session fp32(checkpoint(), {}), int8(ir::integer::to_file(ir::integer::small_model()), {});
  const auto shifted = [](Session& session, float by) {
    auto pixels = random_pixels<float>(session.spec().input.size());
    for (float& pixel : pixels) pixel += by;
    return outputs_of(session, pixels).logits;
  };
  EXPECT_NE(shifted(fp32, 0.25F), shifted(fp32, 0));
  EXPECT_EQ(shifted(int8, 0.25F), shifted(int8, 0));  // rounded
}

TEST(Session, ScoresOfIntegersAreThoseOfTheirModel) {
  ir::integer::Graph graph = ir::integer::small_model();
  Session session(ir::integer::to_file(graph), {});
  EXPECT_EQ(session.precision(), "int8");
  const auto pixels = random_pixels<uint8_t>(graph.spec.input.size());
  std::vector<int32_t> scores(graph.spec.classes.size());
  ir::integer::Golden(graph).run(pixels, scores);
  std::vector<float> logits(scores.size());
  to_logits(scores, graph.logit_scale, logits);
  EXPECT_EQ(outputs_of(session, pixels).logits, logits);
  EXPECT_EQ(*std::ranges::max_element(logits), 0);
}

TEST(Session, RefusesFilesOfAnotherPrecisionOrFormat) {
  ir::SafeTensors file = checkpoint();
  file.origin = "a.safetensors";
  const auto refusal = [&](const std::string& precision) {
    return error_of([&] { Session(file, {.precision = precision}); });
  };
  EXPECT_TRUE(
      says(refusal("int8"), "a.safetensors: a model of precision fp32, not int8", "dsodenet quantize"));
  EXPECT_TRUE(says(refusal("fp23"), "unknown precision 'fp23'", "did you mean 'fp32'?"));
  file.metadata["format"] = "dsodenet-checkpint/1";
  EXPECT_TRUE(says(refusal("auto"), "a.safetensors: metadata: format is dsodenet-checkpint/1",
                   "did you mean 'dsodenet-checkpoint/1'"));
}

}  // namespace
}  // namespace dsode::run
