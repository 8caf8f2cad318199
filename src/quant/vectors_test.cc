// The kept vectors: the same on every machine, and as extreme as they are meant to be.
#include "quant/vectors.h"

#include <gtest/gtest.h>

#include <set>

#include "quant/golden.h"
#include "quant/trace.h"

namespace dsode::quant {
namespace {

// FNV-1a, 64 bit.
uint64_t digest(const std::vector<uint8_t>& bytes, uint64_t hash) {
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3u;
  return hash;
}

TEST(Vectors, GiveTheKeptMaps) {
  constexpr uint64_t kGroup = 32;
  const std::vector<uint64_t> kept{0x00f54a7666db1c4d, 0x38292b8c9da67907, 0x7e26db207a413eb0,
                                   0x856aeb0399e09edd, 0x1a2efe3871f496d4, 0x1f100d380600c718,
                                   0xc325dd8fff7f134a, 0x2675e616f78fd5c8};
  for (uint64_t group = 0; group < kVectors / kGroup; ++group) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (uint64_t seed = group * kGroup; seed < (group + 1) * kGroup; ++seed) {
      const Vector vector = make_vector(seed);
      Golden golden(vector.model, fmt::format("vector {}", seed));
      for (const auto& [name, tensor] : trace(golden, vector.images).tensors)
        hash = digest(tensor.bytes, hash);
    }
    EXPECT_EQ(hash, kept.at(group)) << "group " << group;
  }
}

TEST(Vectors, ReachTheLimits) {
  uint64_t saturated = 0, values = 0;
  std::set<int> shifts, heights;
  std::set<std::string> kinds;
  int extreme_weights = 0, midpoint = 0, timed = 0;
  for (uint64_t seed = 0; seed < kVectors; ++seed) {
    const Vector vector = make_vector(seed);
    Golden golden(vector.model);
    std::vector<int32_t> scores(vector.model.spec.classes.size());
    for (int i = 0; i < vector.images.n; ++i) golden.run(vector.images[i], scores);
    for (const Saturation& s : golden.saturations()) saturated += s.saturated, values += s.values;
    heights.insert(vector.images.shape.h);
    midpoint += vector.model.spec.solver == "midpoint";
    ir::for_each_op(vector.model.ops, vector.images.shape, [&](const ir::integer::Op& op, Shape) {
      kinds.insert(ir::kind(op));
      std::visit(
          [&](const auto& what) {
            if constexpr (requires { what.shift; }) shifts.insert(what.shift);
            if constexpr (requires { what.timed; }) timed += what.timed;
            if constexpr (requires { what.weight; })
              extreme_weights +=
                  std::ranges::all_of(what.weight, [](int8_t w) { return w == 127 || w == -127; });
          },
          op.what);
    });
  }
  EXPECT_GT(saturated, values / 50);
  EXPECT_LT(saturated, values / 2);
  EXPECT_TRUE(shifts.contains(1) && shifts.contains(40));
  EXPECT_EQ(heights.size(), 12u);  // 2 to 13
  EXPECT_EQ(kinds.size(), 7u);
  EXPECT_GT(extreme_weights, 100);
  EXPECT_GT(midpoint, 40);
  EXPECT_GT(timed, 40);
}

}  // namespace
}  // namespace dsode::quant
