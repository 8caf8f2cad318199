#include "model/checkpoint.h"

#include "base/error.h"

namespace dsode::model {

namespace fs = std::filesystem;
using torch::Tensor;

namespace {

template <class Visit>
void for_each_tensor(Network& network, Visit&& visit) {
  for (auto& item : network->named_parameters()) visit(item.key(), item.value());
  for (auto& item : network->named_buffers()) visit(item.key(), item.value());
}

}  // namespace

void store(Network& network, const std::string& prefix, ir::SafeTensors& file) {
  torch::NoGradGuard no_grad;
  for_each_tensor(network, [&](const std::string& name, const Tensor& tensor) {
    const Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    file.tensors[prefix + name] =
        ir::Tensor::of(std::span<const float>(values.data_ptr<float>(), static_cast<size_t>(values.numel())),
                       values.sizes().vec());
  });
}

void restore(Network& network, const std::string& prefix, const ir::SafeTensors& file) {
  torch::NoGradGuard no_grad;
  for_each_tensor(network, [&](const std::string& name, Tensor& tensor) {
    const auto values = file.finite(prefix + name, tensor.sizes().vec());
    tensor.copy_(torch::from_blob(const_cast<float*>(values.data()), tensor.sizes(), torch::kFloat32));
  });
}

Metadata metadata(Network& network) {
  return {{"format", ir::kCheckpointFormat}, {"spec", ir::to_json(network->spec()).dump()}};
}

void save_checkpoint(Network& network, const fs::path& path, const Metadata& extra) {
  ir::SafeTensors file;
  file.metadata = metadata(network);
  file.metadata.insert(extra.begin(), extra.end());
  store(network, "", file);
  ir::save_safetensors(path, file);
}

fs::path checkpoint_file(const fs::path& path) {
  if (path.empty()) throw bad_input("--checkpoint: missing", "name a run folder or a .safetensors file");
  return ir::artifact_file(path, "best.safetensors", ir::kCheckpointRemedy);
}

Network load_checkpoint(const ir::SafeTensors& file) {
  Network network(ir::checkpoint_spec(file));
  restore(network, "", file);
  network->eval();
  return network;
}

Network load_checkpoint(const fs::path& path) {
  return load_checkpoint(ir::load_safetensors(checkpoint_file(path)));
}

}  // namespace dsode::model
