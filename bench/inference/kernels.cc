#include "base/error.h"
#include "base/parallel.h"
#include "bench/inference/contestant.h"
#include "quant/fixture.h"
#include "run/executor.h"

namespace dsode::bench {

namespace {

class Kernels : public Runner {
 public:
  Kernels(const ir::ModelSpec& spec, int threads) : threads_(threads) {
    std::string reason;
    auto executor = run::Executor::plan(quant::random_graph(spec), reason);
    if (!executor) throw bad_input(fmt::format("bench: the kernels do not cover {}", reason));
    executor_ = std::move(executor);
    for (int i = 0; i < threads; ++i) arenas_.push_back(executor_->arena());
    classes_ = static_cast<size_t>(spec.classes_count());
    width_ = static_cast<size_t>(spec.widths.back());
  }

  void run(const data::Images& images) override {
    logits_.resize(static_cast<size_t>(images.n) * classes_);
    features_.resize(static_cast<size_t>(images.n) * width_);
    parallel_for(images.n, threads_, [&](int worker, int i) {
      const auto at = static_cast<size_t>(i);
      executor_->run(images[i], arenas_[static_cast<size_t>(worker)],
                     std::span(logits_).subspan(at * classes_, classes_),
                     std::span(features_).subspan(at * width_, width_));
    });
  }

 private:
  int threads_;
  std::optional<run::Executor> executor_;
  std::vector<run::Executor::Arena> arenas_;
  size_t classes_, width_;
  std::vector<float> logits_, features_;
};

}  // namespace

std::unique_ptr<Runner> make_kernels(const ir::ModelSpec& spec, int threads) {
  return std::make_unique<Kernels>(spec, threads);
}

}  // namespace dsode::bench
