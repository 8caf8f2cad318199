#include "quant/trace.h"

#include "base/error.h"

namespace dsode::quant {

namespace {

// [N,E,H,W,C] of one operation.
struct Maps {
  std::vector<int64_t> shape;
  std::vector<int16_t> values;
};

class Recorder : public Observer {
 public:
  Recorder(const ir::integer::Graph& graph, int images) {
    ir::for_each_op(graph.ops, graph.spec.input, [&](const ir::integer::Op& op, Shape in) {
      if (const auto* loop = std::get_if<ir::integer::OdeLoop>(&op.what)) {
        for (const auto& inner : loop->body) evaluations_[inner.name] = loop->evaluations();
      } else if (!std::holds_alternative<ir::integer::Linear>(op.what)) {
        const Shape out = ir::integer::output_shape(op, in);
        const int evaluations = evaluations_.contains(op.name) ? evaluations_[op.name] : 1;
        Maps& maps = maps_[op.name];
        maps.shape = {images, evaluations, out.h, out.w, out.c};
        maps.values.resize(static_cast<size_t>(images) * evaluations * out.size());
      }
    });
  }

  void start(int image) { image_ = static_cast<size_t>(image); }

  void after(const std::string& op, int evaluation, Shape shape,
             std::span<const int16_t> map) noexcept override {
    Maps& maps = maps_.find(op)->second;
    const size_t index = image_ * static_cast<size_t>(maps.shape[1]) + static_cast<size_t>(evaluation);
    std::copy(map.begin(), map.end(), maps.values.begin() + static_cast<int64_t>(index * shape.size()));
  }

  void store(ir::SafeTensors& file) const {
    for (const auto& [name, maps] : maps_)
      file.tensors[name] = ir::Tensor::of(std::span<const int16_t>(maps.values), maps.shape);
  }

 private:
  std::map<std::string, int> evaluations_;
  std::map<std::string, Maps> maps_;
  size_t image_ = 0;
};

}  // namespace

ir::SafeTensors trace(Golden& model, const data::Images& images) {
  const ir::integer::Graph& graph = model.graph();
  DSODE_CHECK(images.shape == graph.spec.input, "{}", images.shape.text());
  const int64_t classes = graph.spec.classes_count();
  Recorder recorder(graph, images.n);
  std::vector<int32_t> scores(static_cast<size_t>(images.n * classes));
  for (int i = 0; i < images.n; ++i) {
    recorder.start(i);
    model.run(images[i],
              std::span(scores).subspan(static_cast<size_t>(i * classes), static_cast<size_t>(classes)),
              &recorder);
  }
  ir::SafeTensors file;
  recorder.store(file);
  file.tensors["pixels"] = ir::Tensor::of(std::span<const uint8_t>(images.pixels),
                                          {images.n, images.shape.h, images.shape.w, images.shape.c});
  file.tensors["scores"] = ir::Tensor::of(std::span<const int32_t>(scores), {images.n, classes});
  return file;
}

}  // namespace dsode::quant
