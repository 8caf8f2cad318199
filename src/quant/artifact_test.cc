// Every generated model is equal after its file, and what the checks accept runs.
#include <gtest/gtest.h>

#include "ir/int_fixture.h"
#include "quant/trace.h"
#include "quant/vectors.h"

namespace dsode::quant {
namespace {

namespace integer = ir::integer;

TEST(Artifact, OfEveryGeneratedModelGivesTheSameModel) {
  for (uint64_t seed = 0; seed < kVectors; ++seed) {
    const Vector vector = make_vector(seed);
    const auto bytes = ir::serialize(integer::to_file(vector.model));
    Golden again(integer::from_file(ir::parse_safetensors(bytes, "again"))), golden(vector.model);
    EXPECT_EQ(ir::serialize(integer::to_file(again.graph())), bytes) << seed;
    EXPECT_EQ(trace(again, vector.images).tensors, trace(golden, vector.images).tensors) << seed;
  }
}

TEST(Artifact, TimeOfAnyWeightIsHarmlessAtTimeZero) {
  integer::Graph model = integer::small_model();
  auto& loop = integer::part<integer::OdeLoop>(model, "stage1");
  loop.steps = 1;
  auto& norm = integer::part<integer::Affine>(model, "norm1");
  norm.rows = 1, norm.scale.resize(2), norm.bias.resize(2);
  auto& pw = integer::part<integer::PwConv>(model, "pw1");
  pw.rows = 1, pw.bias.resize(2), pw.multiplier.resize(2);
  const auto scores = [&](int32_t time) {
    std::ranges::fill(pw.time, time);
    std::vector<int32_t> result(2);
    Golden(model).run(std::vector<uint8_t>(16, 200), result);
    return result;
  };
  EXPECT_EQ(scores(INT32_MIN), scores(0));
}

}  // namespace
}  // namespace dsode::quant
