// Between the torch-free data folder and torch tensors.
#pragma once

#include <torch/torch.h>

#include "data/batches.h"
#include "model/network.h"

namespace dsode::train {

// [n,C,H,W] in channels_last layout, sharing the batch's memory on the CPU.
inline torch::Tensor pixels(data::Batch& batch, Shape shape, torch::Device device) {
  const int64_t h = shape.h, w = shape.w, c = shape.c;
  return torch::from_blob(batch.pixels.data(), {batch.n, h, w, c}, torch::kFloat32)
      .permute({0, 3, 1, 2})
      .to(device);
}

// [n] class indices.
inline torch::Tensor labels(data::Batch& batch, torch::Device device) {
  return torch::from_blob(batch.labels.data(), {batch.n}, torch::kInt64).to(device);
}

// The device of --device. Throws bad_input where libtorch has no such.
torch::Device parse_device(const std::string& name);

// As the options `gradient` and `kernels` say; logs what the kernels leave to libtorch.
void set_gradient(model::Network& network, const std::string& gradient, const std::string& kernels);

// Keeps freed memory in the process: a training step frees and takes the same large blocks again, and
// returning them to the system costs a page fault each.
void keep_allocator_warm();

}  // namespace dsode::train
