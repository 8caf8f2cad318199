#include "train/tensors.h"

#include <malloc.h>

#include "base/error.h"
#include "base/log.h"

namespace dsode::train {

torch::Device parse_device(const std::string& name) {
  if (name == "cuda" && !torch::cuda::is_available())
    throw bad_input("--device cuda: this libtorch has no CUDA device",
                    "use --device cpu, or a CUDA build of libtorch");
  return torch::Device(name);
}

void set_gradient(model::Network& network, const std::string& gradient, const std::string& kernels) {
  const model::Kernels parsed = model::parse_kernels(kernels);
  network->set_gradient(model::parse_gradient(gradient), parsed);
  const std::string reason = parsed == model::Kernels::kOff ? "" : network->uncovered();
  if (!reason.empty())
    spdlog::info("ODE blocks run operation by operation: their kernel does not cover {}", reason);
}

void keep_allocator_warm() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace dsode::train
