#include "run/map_check.h"

#include "base/thread_pool.h"
#include "ir/golden.h"

namespace dsode::run {

using ir::integer::Golden;
using ir::integer::Graph;
using ir::integer::Maps;

namespace {

class Check {
 public:
  Check(const Graph& graph, const IntExecutor& executor)
      : golden_(graph), executor_(executor), arena_(executor.arena()) {
    ir::for_each_op(graph.ops, graph.spec.input, [&](const ir::integer::Op& op, Shape) {
      if (std::holds_alternative<ir::integer::OdeLoop>(op.what)) return;
      index_[op.name] = results_.size();
      results_.push_back({op.name});
    });
  }

  void run(std::span<const uint8_t> pixels) {
    const ir::ModelSpec& spec = golden_.graph().spec;
    std::vector<int32_t> expected(spec.classes.size()), scores(expected.size());
    std::vector<int16_t> pooled(static_cast<size_t>(spec.widths.back()));
    Maps expected_maps, maps;
    golden_.run(pixels, expected, &expected_maps);
    executor_.run(pixels, arena_, scores, pooled, maps);
    for (const auto& [at, map] : expected_maps) compare(results_[index_.at(at.first)], map, maps[at]);
    compare(results_.back(), expected, scores);
  }

  void add_to(std::vector<MapResult>& sum) const {
    if (sum.empty()) {
      sum = results_;
      return;
    }
    for (size_t i = 0; i < sum.size(); ++i) {
      sum[i].compared += results_[i].compared;
      sum[i].differing += results_[i].differing;
    }
  }

 private:
  template <class T>
  static void compare(MapResult& result, const std::vector<T>& expected, const std::vector<T>& values) {
    result.compared += expected.size();
    for (size_t i = 0; i < expected.size(); ++i)
      result.differing += i >= values.size() || values[i] != expected[i];
  }

  Golden golden_;
  const IntExecutor& executor_;
  IntExecutor::Arena arena_;
  std::vector<MapResult> results_;
  std::map<std::string, size_t> index_;
};

}  // namespace

std::vector<MapResult> check_maps(const Graph& graph, const IntExecutor& executor,
                                  std::span<const uint8_t> pixels, int threads) {
  const size_t image = graph.spec.input.size();
  ThreadPool pool(threads);
  std::vector<Check> checks;
  for (int i = 0; i < threads; ++i) checks.emplace_back(graph, executor);
  pool.for_each(static_cast<int>(pixels.size() / image), [&](int worker, int i) {
    checks[static_cast<size_t>(worker)].run(pixels.subspan(static_cast<size_t>(i) * image, image));
  });
  std::vector<MapResult> sum;
  for (const Check& check : checks) check.add_to(sum);
  return sum;
}

}  // namespace dsode::run
