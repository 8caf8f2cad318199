// The oracle chain's second link: the integer model is the float graph with everything rounded.
#include "quant/quantize.h"

#include <gtest/gtest.h>

#include "base/fixture.h"
#include "quant/bias_correction.h"
#include "quant/calibrate.h"
#include "quant/fake_quant.h"
#include "quant/fixture.h"
#include "quant/golden.h"

namespace dsode::quant {
namespace {

// Integer maps by operation and evaluation.
class IntegerMaps : public Observer {
 public:
  void after(const std::string& op, int evaluation, Shape, std::span<const int16_t> map) noexcept override {
    maps[{op, evaluation}].assign(map.begin(), map.end());
  }
  std::map<std::pair<std::string, int>, std::vector<int16_t>> maps;
};

// Holds each map of the fake-quantised graph, before its rounding, against the integer one, and goes on from
// that: so every operation is judged on the integers that it reads.
class Judge : public ir::Probe {
 public:
  Judge(const std::vector<Unit>& units, const Scales& scales, const ir::integer::Bits& bits,
        IntegerMaps& integer, double tolerance)
      : scales_(scales), bits_(bits), integer_(integer), tolerance_(tolerance) {
    for_each_unit(units, [&](const Unit& unit) {
      if (unit.has_map()) maps_[unit.result->name] = &unit;
      if (unit.to == "increment") increments_[unit.state] = unit.name;
      if (unit.to == "state" || unit.kind == Unit::Kind::kStem) starts_[unit.state] = unit.name;
    });
  }

  void after(const ir::Op& op, int evaluation, Shape, std::span<float> map) override {
    const auto found = maps_.find(op.name);
    if (found == maps_.end()) return;
    const Unit& unit = *found->second;
    const Range range = unit.range(bits_);
    follow(unit.name, evaluation, scales_.at(unit.name), map, range.lo, range.hi, tolerance_);
  }

  // The state that evaluation e > 0 reads is the increment of the one before it. At the stem's border a whole
  // pixel stands for the mean: a few thousandths of the range.
  void state(const ir::Op& loop, Shape, std::span<float> map) override {
    const int evaluation = evaluations_[loop.name]++;
    follow(evaluation == 0 ? starts_.at(loop.name) : increments_.at(loop.name), std::max(0, evaluation - 1),
           scales_.at(loop.name), map, -bits_.state_max() - 1, bits_.state_max(),
           1 + bits_.state_max() / 500.0);
  }

  int compared = 0;

 private:
  void follow(const std::string& name, int evaluation, const ir::Floats& steps, std::span<float> map,
              double lo, double hi, double tolerance) {
    const auto& given = integer_.maps.at({name, evaluation});
    ASSERT_EQ(given.size(), map.size());
    for (size_t i = 0; i < map.size(); ++i, ++compared) {
      const float step = steps[i % steps.size()];
      const double wanted = std::clamp(double{map[i]} / step, lo, hi);
      // Factors share a shift, so a small one has fewer bits.
      ASSERT_NEAR(given[i], wanted, tolerance + 0.005 * std::abs(wanted))
          << name << " " << evaluation << " " << i;
      map[i] = step * static_cast<float>(given[i]);
    }
  }

  const Scales& scales_;
  const ir::integer::Bits& bits_;
  IntegerMaps& integer_;
  double tolerance_;  // steps
  std::map<std::string, const Unit*> maps_;
  std::map<std::string, std::string> starts_, increments_;  // by loop
  std::map<std::string, int> evaluations_;
};

void expect_integers_of(const ir::ModelSpec& spec, const ir::integer::Bits& bits, double tolerance) {
  const ir::Graph graph = random_graph(spec);
  const data::UnlabelledSet set{"random", random_images(spec.input, 24)};
  const Scales scales = calibrate(graph, set, bits);
  Golden golden(quantize(graph, scales, bits));
  IntegerMaps integer;
  std::vector<int32_t> scores(spec.classes.size());
  golden.run(set.images[0], scores, &integer);
  const std::vector<Unit> units = units_of(graph);
  Judge judge(units, scales, bits, integer, tolerance);
  const ir::Scores real = FakeQuant(graph, scales, bits).run(ir::normalized(spec, set.images[0]), &judge);
  EXPECT_GT(judge.compared, 1000);
  for (size_t k = 0; k < scores.size(); ++k)
    EXPECT_NEAR(golden.graph().logit_scale * scores[k], real.logits[k], 2 * golden.graph().logit_scale) << k;
}

TEST(Quantize, EveryOperationIsTheFakeQuantisedOneWithinHalfAStep) {
  for (const char* solver : {"euler", "midpoint"})
    for (const char* time : {"none", "concat"})
      for (const char* norm : {"bn-per-step", "bn", "none"}) {
        SCOPED_TRACE(fmt::format("{} {} {}", solver, time, norm));
        ir::ModelSpec spec = small_spec();
        spec.solver = solver;
        spec.time = time;
        spec.norm = norm;
        expect_integers_of(spec, {}, spec.time == "concat" ? 0.9 : 0.6);  // tau times a rounded bias
      }
}

TEST(Quantize, FewerBitsAreRoundedTheSameWay) {
  for (const ir::integer::Bits bits : {ir::integer::Bits{4, 8, 16}, {8, 4, 16}, {6, 5, 10}})
    expect_integers_of(small_spec(), bits, 1.3);  // biases are rounded to an accumulator's coarse steps
}

TEST(Quantize, RefusesWhatHasNoIntegerFormByName) {
  const auto refused = [](auto&& change) {
    ir::ModelSpec spec = small_spec();
    change(spec);
    return error_of([&] { units_of(random_graph(spec)); });
  };
  EXPECT_TRUE(says(refused([](auto& spec) { spec.family = "odenet"; }), "family odenet", "train a dsodenet"));
  EXPECT_TRUE(says(refused([](auto& spec) { spec.norm = "gn"; }), "norm gn"));
  EXPECT_TRUE(says(refused([](auto& spec) { spec.solver = "rk4"; }), "solver rk4"));
  EXPECT_TRUE(says(refused([](auto& spec) {
                     spec.stem = "conv7x7-pool", spec.input = {32, 32, 3};
                   }),
                   "stem conv7x7-pool"));
}

TEST(Quantize, RefusesAGraphOfAnotherOrderByTheOperationsName) {
  ir::Graph graph = random_graph(small_spec());
  std::swap(graph.ops[1], graph.ops[2]);  // the stem's norm and ReLU
  EXPECT_TRUE(says(error_of([&] { units_of(graph); }), "stem.norm"));
}

TEST(Quantize, ANormThatIsNearlyAllBiasKeepsIt) {
  for (const float scale : {0.0F, 1e-9F, 1e-4F, -1e-3F}) {
    ir::Graph graph = random_graph(small_spec());
    auto& norm = std::get<ir::Affine>(std::get<ir::OdeLoop>(graph.ops[3].what).body[4].what);
    for (size_t i = 0; i < norm.scale.size(); i += 6)
      norm.scale[i] = scale, norm.bias[i] = 1.5F;  // channel 0
    const data::UnlabelledSet set{"random", random_images(graph.spec.input, 8)};
    const Scales scales = calibrate(graph, set, {});
    Golden golden(quantize(graph, scales, {}));
    IntegerMaps integer;
    std::vector<int32_t> scores(4);
    golden.run(set.images[0], scores, &integer);
    const auto& map = integer.maps.at({"stage1.conv1.pw", 0});
    const float step = scales.at("stage1.conv1.pw")[0];
    for (size_t i = 0; i < map.size(); i += 6) ASSERT_NEAR(map[i] * step, 1.5, 1.5 * step) << scale;
  }
}

TEST(Calibrate, RefusesSetsThatSayNothing) {
  const ir::Graph graph = random_graph(small_spec());
  const auto refused = [&](data::Images images) {
    return error_of([&] { calibrate(graph, {"mine", std::move(images)}, {}); });
  };
  EXPECT_TRUE(says(refused({0, graph.spec.input, {}}), "mine", "no images"));
  data::Images grey = random_images(graph.spec.input, 3);
  std::fill(grey.pixels.begin(), grey.pixels.end(), 7);
  EXPECT_TRUE(says(refused(grey), "mine", "every pixel is 7"));
}

TEST(Calibrate, NamesTheOperationThatGivesNaN) {
  ir::Graph graph = random_graph(small_spec());
  weight_of(std::get<ir::OdeLoop>(graph.ops[3].what).body[2])[0] = std::nanf("");
  EXPECT_TRUE(says(error_of([&] {
                     calibrate(graph, {"mine", random_images(graph.spec.input, 3)}, {});
                   }),
                   "stage1.conv1.dw", "nan"));
}

TEST(Calibrate, APercentileCutsOffRareValues) {
  const ir::Graph graph = random_graph(small_spec());
  const data::UnlabelledSet set{"random", random_images(graph.spec.input, 16)};
  const Scales all = calibrate(graph, set, {}, {.ranges = "percentile", .percentile = 100});
  const Scales most = calibrate(graph, set, {}, {.ranges = "percentile", .percentile = 98});
  for (const char* name : {"stage1.norm1", "stage2.conv1.dw", "head.norm"})
    for (size_t c = 0; c < all.at(name).size(); ++c) EXPECT_LE(most.at(name)[c], all.at(name)[c]) << name;
  EXPECT_LT(most.at("stage1.norm1")[0], 0.95F * all.at("stage1.norm1")[0]);
}

TEST(CorrectBiases, BringsMeansBackAtFewBits) {
  const ir::Graph graph = random_graph(small_spec());
  const ir::integer::Bits bits{.weight = 3};
  const data::UnlabelledSet set{"random", random_images(graph.spec.input, 16)};
  const Scales scales = calibrate(graph, set, bits);
  const auto mean_error = [&](const ir::Graph& quantised) {
    double error = 0;
    const FakeQuant model(quantised, scales, bits,
                          [](const Unit& unit) { return unit.name == "head.linear"; });
    std::vector<double> sums(graph.spec.classes.size());
    for (int i = 0; i < set.images.n; ++i) {
      const ir::Floats image = ir::normalized(graph.spec, set.images[i]);
      const auto wanted = ir::interpret(graph, image).logits, given = model.run(image).logits;
      for (size_t k = 0; k < sums.size(); ++k) sums[k] += given[k] - wanted[k];
    }
    for (const double sum : sums) error += std::abs(sum);
    return error;
  };
  ir::Graph corrected = graph;
  bias_of(corrected.ops.back()) = bias_of(correct_biases(graph, scales, bits, set.images).ops.back());
  EXPECT_LT(mean_error(corrected), 0.05 * mean_error(graph));
}

}  // namespace
}  // namespace dsode::quant
