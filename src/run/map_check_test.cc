#include "run/map_check.h"

#include <gtest/gtest.h>

#include <numeric>

#include "ir/golden.h"
#include "ir/int_fixture.h"
#include "quant/fixture.h"

namespace dsode::run {
namespace {

constexpr int kImages = 3;

std::vector<MapResult> results_of(const ir::integer::Graph& expected, const ir::integer::Graph& graph,
                                  int threads) {
  std::string reason;
  const auto executor = IntExecutor::plan(graph, reason);
  EXPECT_TRUE(executor) << reason;
  return check_maps(expected, *executor, quant::random_images(graph.spec.input, kImages).pixels, threads);
}

TEST(MapCheck, ComparesEveryMapOfEveryEvaluationAndTheScores) {
  const ir::integer::Graph graph = ir::integer::small_model();
  std::map<std::string, uint64_t> expected;
  ir::integer::Maps maps;
  std::vector<int32_t> scores(graph.spec.classes.size());
  ir::integer::Golden(graph).run(quant::random_images(graph.spec.input, 1).pixels, scores, &maps);
  for (const auto& [at, map] : maps) expected[at.first] += kImages * map.size();
  expected[graph.ops.back().name] = kImages * scores.size();
  for (const int threads : {1, 2}) {
    std::map<std::string, uint64_t> compared;
    for (const MapResult& result : results_of(graph, graph, threads)) {
      compared[result.op] = result.compared;
      EXPECT_EQ(result.differing, 0) << result.op;
    }
    EXPECT_EQ(compared, expected);
  }
}

TEST(MapCheck, CountsWhatDiffersFromTheOperationOnThatDoesOtherwise) {
  const ir::integer::Graph graph = ir::integer::small_model();
  ir::integer::Graph other = graph;
  for (int32_t& bias : std::get<ir::integer::Linear>(other.ops.back().what).bias) bias += 1 << 16;
  auto results = results_of(graph, other, 2);
  EXPECT_EQ(results.back().differing, results.back().compared);
  results.pop_back();
  for (const MapResult& result : results) EXPECT_EQ(result.differing, 0) << result.op;

  other = graph;
  for (int32_t& bias : std::get<ir::integer::Conv>(other.ops.front().what).bias) bias += 1 << 12;
  EXPECT_GT(results_of(graph, other, 1).front().differing, 0);
}

TEST(MapCheck, CountsAMapThatIsMissingInWhole) {
  const ir::integer::Graph graph = ir::integer::small_model();
  ir::integer::Graph other = graph;
  other.ops.front().name = "another";
  const auto results = results_of(graph, other, 1);
  EXPECT_EQ(results.front().op, graph.ops.front().name);
  EXPECT_EQ(results.front().differing, results.front().compared);
}

}  // namespace
}  // namespace dsode::run
