#include "base/error.h"
#include "bench/inference/contestant.h"
#include "quant/calibrate.h"
#include "quant/fixture.h"
#include "quant/quantize.h"
#include "run/session.h"

namespace dsode::bench {

namespace {

class Ours : public Runner {
 public:
  template <class Model>
  Ours(const Model& model, const std::string& precision, int threads)
      : session_(model, {.precision = precision, .threads = threads}) {
    if (!session_.uncovered().empty())
      throw bad_input(fmt::format("bench: the kernels do not cover {}", session_.uncovered()));
  }

  void run(const data::Images& images) override {
    logits_.resize(static_cast<size_t>(images.n) * session_.spec().classes.size());
    session_.run(std::span(images.pixels), logits_);
  }

 private:
  run::Session session_;
  std::vector<float> logits_;
};

}  // namespace

std::unique_ptr<Runner> make_ours(const ir::ModelSpec& spec, const std::string& precision, int threads) {
  const ir::Graph graph = quant::random_graph(spec);
  if (precision != "int8") return std::make_unique<Ours>(graph, precision, threads);
  constexpr int kImages = 8;
  const ir::integer::Bits bits;
  const data::UnlabelledSet set{"random", quant::random_images(spec.input, kImages)};
  const ir::integer::Graph integer = quant::quantize(graph, quant::calibrate(graph, set, bits), bits);
  return std::make_unique<Ours>(ir::integer::to_file(integer), precision, threads);
}

}  // namespace dsode::bench
