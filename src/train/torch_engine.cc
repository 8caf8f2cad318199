#include "train/torch_engine.h"

#include <cstring>

#include "base/error.h"
#include "data/batches.h"
#include "train/tensors.h"

namespace dsode::train {

namespace {

void append(std::vector<float>& out, const torch::Tensor& rows) {
  const torch::Tensor flat = rows.to(torch::kCPU).contiguous();
  out.insert(out.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
}

}  // namespace

TorchEngine::TorchEngine(model::Network network, model::Statistics statistics, int batch_size)
    : network_(std::move(network)), statistics_(statistics), batch_size_(batch_size) {}

eval::Outputs TorchEngine::run(const data::Images& images) {
  const ir::ModelSpec& spec = network_->spec();
  DSODE_CHECK(images.shape == spec.input, "{} {}", images.shape.text(), spec.input.text());
  const torch::NoGradGuard no_grad;
  const bool was_training = network_->is_training();
  const auto device = network_->parameters().front().device();
  network_->eval();
  for (auto& norm : network_->norms()) norm->set_statistics(statistics_);
  eval::Outputs outputs{.n = images.n,
                        .classes = spec.classes_count(),
                        .width = spec.widths.back(),
                        .logits = {},
                        .features = {}};
  data::BatchStream stream(images, {}, {}, {.batch_size = batch_size_, .normalization = spec.normalization});
  for (data::Batch batch; stream.next(batch);) {
    const torch::Tensor features = network_->features(pixels(batch, images.shape, device));
    append(outputs.features, features);
    append(outputs.logits, network_->classify(features));
  }
  for (auto& norm : network_->norms()) norm->set_statistics(model::Statistics::kRunning);
  network_->train(was_training);
  return outputs;
}

}  // namespace dsode::train
