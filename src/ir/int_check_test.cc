// What an integer model must be beyond its fields: operations that fit each other, and no accumulator that
// could overflow, to the last integer.
#include <gtest/gtest.h>

#include "ir/int_fixture.h"

namespace dsode::ir::integer {
namespace {

TEST(IntCheck, RefusesAMapThatAsksForAllMemory) {
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     model.spec.input = {4096, 4096, 1};
                     part<Conv>(model, "stem").out = 17;
                   }),
                   "\"stem\"", "a map of 4096x4096x17"));
}

TEST(IntCheck, RefusesValuesBeyondTheirBits) {
  EXPECT_TRUE(says(refusal_of_model([](Graph& m) { part<DwConv>(m, "dw2").weight[3] = -128; }), "\"dw2\"",
                   "weight: -128 is beyond +-127"));
  EXPECT_TRUE(says(refusal_of_model([](Graph& m) { m.bits.weight = 4; }), "\"stem\"", "beyond +-7"));
}

TEST(IntCheck, RefusesTheFirstAccumulatorThatCouldOverflow) {
  constexpr int32_t kMost = (1 << 26) - 1;
  const auto bias_of = [](Graph& model, const std::string& name) -> std::vector<int32_t>& {
    return name == "stem"     ? part<Conv>(model, name).bias
           : name == "linear" ? part<Linear>(model, name).bias
                              : part<PwConv>(model, name).bias;
  };
  for (const char* name : {"stem", "pw1", "pw2", "pw", "linear"}) {
    const auto with = [&](int32_t bias, bool weights) {
      Graph model = small_model();
      bias_of(model, name)[1] = bias;
      for_each_op(model.ops, model.spec.input, [&](Op& op, Shape) {
        std::visit(
            [&](auto& what) {
              if constexpr (requires { what.weight; })
                if (!weights) std::ranges::fill(what.weight, int8_t{0});
              if constexpr (requires { what.time; }) std::ranges::fill(what.time, 0);
            },
            op.what);
      });
      return to_file(model);
    };
    from_file(with(kMost, false));
    from_file(with(-kMost, false));
    for (const auto& file : {with(kMost + 1, false), with(-kMost - 1, false), with(INT32_MIN, false),
                             with(kMost, true), with(-kMost, true)})
      EXPECT_TRUE(says(error_of([&] { from_file(file); }), fmt::format("\"{}\"", name),
                       "channel 1: its accumulator could reach"));
  }
}

TEST(IntCheck, TimeCountsWithTheLastEvaluationOfItsRow) {
  const auto with = [](const char* name, int steps, int32_t time) {
    Graph model = small_model();
    part<OdeLoop>(model, "stage1").steps = steps;
    auto& norm = part<Affine>(model, "norm1");
    norm.rows = 1, norm.scale.resize(2), norm.bias.resize(2);
    auto& pw1 = part<PwConv>(model, "pw1");
    pw1.rows = 1, pw1.bias.resize(2), pw1.multiplier.resize(2);
    part<PwConv>(model, name).time[17] = time;
    return to_file(model);
  };
  for (const char* name : {"pw1", "pw2"}) {
    from_file(with(name, 1, INT32_MIN));  // t is 0
    from_file(with(name, 2, 1 << 24));
    from_file(with(name, 1000, 1 << 14));
    for (const auto& file : {with(name, 2, 1 << 25), with(name, 2, INT32_MIN), with(name, 1000, 1 << 16)})
      EXPECT_TRUE(says(error_of([&] { from_file(file); }), fmt::format("\"{}\"", name), "channel 1"));
  }
}

TEST(IntCheck, RowsAreOneAStageOrAnEvaluation) {
  const auto with = [](const std::string& solver, int rows) {
    Graph model = small_model();
    part<OdeLoop>(model, "stage1").solver = solver;
    auto& norm = part<Affine>(model, "norm1");
    norm.rows = 1, norm.scale.resize(2), norm.bias.resize(2);
    auto& pw1 = part<PwConv>(model, "pw1");
    const auto size = static_cast<size_t>(2 * rows);
    pw1.rows = rows, pw1.bias.resize(size), pw1.multiplier.resize(size);
    return to_file(model);
  };
  using Cases = std::vector<std::pair<std::string, int>>;
  for (const auto& [solver, rows] :
       Cases{{"euler", 1}, {"euler", 2}, {"midpoint", 1}, {"midpoint", 2}, {"midpoint", 4}})
    from_file(with(solver, rows));
  for (const auto& [solver, rows] : Cases{{"euler", 3}, {"midpoint", 3}, {"midpoint", 8}})
    EXPECT_TRUE(
        says(error_of([&] { from_file(with(solver, rows)); }), "\"pw1\"", fmt::format("rows: {} for", rows)));
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     auto& cast = part<Affine>(model, "cast");
                     cast.rows = 2, cast.scale.resize(4), cast.bias.resize(4);
                   }),
                   "\"cast\"", "rows: 2 for 1 evaluations"));
}

TEST(IntCheck, RefusesTimeWithoutALoopOrABorder) {
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     auto& pw = part<PwConv>(model, "pw");
                     pw.timed = true, pw.time.resize(18);
                   }),
                   "\"pw\"", "timed: outside of a loop"));
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     model.spec.input = {2, 4, 1};
                     model.spec.widths = {2};
                     std::rotate(model.ops.begin() + 1, model.ops.begin() + 2, model.ops.begin() + 5);
                   }),
                   "\"pw1\"", "a map of less than 2x2"));
}

TEST(IntCheck, RefusesOperationsThatHaveNoPlaceInALoop) {
  const std::vector<uint16_t> multiplier(2);
  const std::vector<int32_t> bias(2);
  for (const Op& op :
       {Op{"x", Conv{2, {0, 0}, std::vector<int8_t>(36), bias, multiplier, 1}}, Op{"x", Pool{multiplier, 1}},
        Op{"x", Linear{2, std::vector<int8_t>(4), bias, multiplier, 1}}})
    EXPECT_TRUE(says(refusal_of_model([&](Graph& model) {
                       auto& body = part<OdeLoop>(model, "stage1").body;
                       body.insert(body.begin(), op);
                     }),
                     "\"x\"", "has no place in a loop"));
}

TEST(IntCheck, RefusesAnOperationThatCannotReadWhatItIsGiven) {
  const std::vector<std::pair<int, const char*>> without{{2, "\"dw\": cannot read state"},
                                                         {5, "\"pool\": cannot read state"},
                                                         {6, "\"linear\": its input is a map of 2x2"},
                                                         {7, "the last one gives 1x1x2 activations"}};
  for (const auto& [index, text] : without)
    EXPECT_TRUE(
        says(refusal_of_model([&, index = index](Graph& m) { m.ops.erase(m.ops.begin() + index); }), text));
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     model.ops.push_back(model.ops.back());
                     model.ops.back().name = "again";
                   }),
                   "\"again\": cannot read scores"));
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     auto& body = part<OdeLoop>(model, "stage1").body;
                     body.erase(body.begin());
                   }),
                   "\"dw1\": cannot read state"));
  EXPECT_TRUE(says(refusal_of_model([](Graph& model) {
                     auto& body = part<OdeLoop>(model, "stage1").body;
                     body.erase(body.begin() + 3);
                   }),
                   "\"pw2\": cannot read activations"));
}

}  // namespace
}  // namespace dsode::ir::integer
