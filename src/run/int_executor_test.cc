#include "run/int_executor.h"

#include <gtest/gtest.h>

#include "ir/int_fixture.h"
#include "quant/calibrate.h"
#include "quant/fixture.h"
#include "quant/golden.h"
#include "quant/quantize.h"
#include "quant/vectors.h"

namespace dsode::run {
namespace {

using ir::integer::Maps;
using Map = Maps::mapped_type;

struct Outcome {
  std::map<std::pair<std::string, int>, Map> maps;
  std::vector<int32_t> scores;
  Map pooled;
  bool operator==(const Outcome&) const = default;
};

Outcome golden_outcome(quant::Golden& golden, std::span<const uint8_t> image) {
  Outcome outcome;
  Maps maps;
  outcome.scores.resize(golden.graph().spec.classes.size());
  golden.run(image, outcome.scores, &maps);
  outcome.maps = maps;
  outcome.pooled.assign(golden.pooled().begin(), golden.pooled().end());
  return outcome;
}

// Every map, the scores and the pooled features of each image, on every instruction set, watched or not.
void expect_golden(const ir::integer::Graph& graph, const data::Images& images) {
  quant::Golden golden(graph);
  for (const kernels::IntegerKernel& kernel : kernels::integer_kernels()) {
    std::string reason;
    const auto executor = IntExecutor::plan(graph, reason, kernel);
    ASSERT_TRUE(executor) << reason;
    IntExecutor::Arena arena = executor->arena();
    for (int i = 0; i < images.n; ++i) {
      const Outcome expected = golden_outcome(golden, images[i]);
      Outcome outcome;
      Maps maps;
      outcome.scores.resize(expected.scores.size());
      outcome.pooled.resize(expected.pooled.size());
      executor->run(images[i], arena, outcome.scores, outcome.pooled, &maps);
      outcome.maps = maps;
      for (const auto& [at, map] : expected.maps)
        ASSERT_TRUE(maps[at] == map) << kernel.isa << ", " << at.first << ", evaluation " << at.second;
      EXPECT_TRUE(outcome == expected) << kernel.isa;
      std::vector<int32_t> scores(expected.scores.size());
      Map pooled(expected.pooled.size());
      executor->run(images[i], arena, scores, pooled);
      EXPECT_EQ(scores, expected.scores) << kernel.isa;
      EXPECT_EQ(pooled, expected.pooled) << kernel.isa;
    }
  }
}

TEST(IntExecutor, EqualsTheGoldenInterpreterOnGeneratedModels) {
  for (uint64_t seed = 0; seed < quant::kVectors; ++seed) {
    SCOPED_TRACE(seed);
    const quant::Vector vector = quant::make_vector(seed);
    expect_golden(vector.model, vector.images);
  }
}

TEST(IntExecutor, EqualsTheGoldenInterpreterOnTheNamedModels) {
  for (const auto& [model, time, solver] :
       std::vector<std::array<std::string, 3>>{{"dsodenet-t", "none", "euler"},
                                               {"dsodenet-t", "concat", "midpoint"},
                                               {"dsodenet-s", "concat", "euler"},
                                               {"dsodenet-b", "none", "euler"}}) {
    SCOPED_TRACE(model + " " + time + " " + solver);
    ir::ModelOverrides overrides;
    overrides.time = time;
    overrides.solver = solver;
    overrides.steps = 2;
    const ir::Graph graph = quant::random_graph(ir::make_spec(model, overrides));
    const data::Images images = quant::random_images(graph.spec.input, 2);
    for (const ir::integer::Bits bits : {ir::integer::Bits{}, ir::integer::Bits{4, 5, 12}})
      expect_golden(quant::quantize(graph, quant::calibrate(graph, {"random", images}, bits), bits), images);
  }
}

TEST(IntExecutor, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const auto& [time, solver] :
       {std::pair<std::string, std::string>{"none", "euler"}, {"concat", "midpoint"}}) {
    SCOPED_TRACE(time + " " + solver);
    ir::ModelOverrides overrides;
    overrides.input = std::vector{15, 13, 3};
    overrides.time = time;
    overrides.solver = solver;
    overrides.steps = 2;
    const ir::Graph graph = quant::random_graph(ir::make_spec("dsodenet-t", overrides));
    const data::Images images = quant::random_images(graph.spec.input, 2);
    const ir::integer::Graph model =
        quant::quantize(graph, quant::calibrate(graph, {"random", images}, {}), {});
    quant::Golden golden(model);
    for (const kernels::IntegerKernel& kernel : kernels::integer_kernels())
      for (const int threads : {2, 3, 5, 20}) {  // 20: more than rows
        std::string reason;
        const auto executor = IntExecutor::plan(model, reason, kernel);
        ASSERT_TRUE(executor) << reason;
        EXPECT_EQ(executor->least_rows(), 4);
        ThreadPool pool(threads);
        Barrier barrier;
        IntExecutor::Arena arena = executor->arena(threads);
        for (int i = 0; i < images.n; ++i) {
          const Outcome expected = golden_outcome(golden, images[i]);
          std::vector<int32_t> scores(expected.scores.size());
          Map pooled(expected.pooled.size());
          pool.run([&](int worker) {
            executor->run(images[i], arena, scores, pooled, nullptr, {worker, threads, &barrier});
          });
          EXPECT_EQ(scores, expected.scores) << kernel.isa << ", " << threads << " threads";
          EXPECT_EQ(pooled, expected.pooled) << kernel.isa << ", " << threads << " threads";
        }
      }
  }
}

TEST(IntExecutor, SaysWhatTheKernelsDoNotCover) {
  using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names
  std::string reason;
  EXPECT_TRUE(IntExecutor::plan(small_model(), reason));

  Graph graph = small_model();
  const Op dw = graph.ops[3];
  graph.ops.insert(graph.ops.begin() + 3, dw);
  graph.ops[3].name = "twice";
  EXPECT_FALSE(IntExecutor::plan(graph, reason));
  EXPECT_EQ(reason, "operation dw");

  graph = small_model();
  auto& body = std::get<OdeLoop>(graph.ops[1].what).body;
  body.erase(body.begin() + 1, body.begin() + 3);
  EXPECT_FALSE(IntExecutor::plan(graph, reason));
  EXPECT_EQ(reason, "stage1, whose function is not two convolutions");
}

}  // namespace
}  // namespace dsode::run
