// The end of a network on one map, in one sweep: norm and ReLU, the mean over the pixels, a linear
// classifier:
//   features = mean(max(0, scale x + shift)),   scores = features weight + bias,
// and the gradient of the features, whose sums over a batch the gradient through batch statistics needs
// first.
#pragma once

#include <span>

#include "kernels/head/head_isa.h"

namespace dsode::kernels {

// Those that this CPU can run, the fastest first; the scalar one is the last.
std::span<const HeadKernel> head_kernels();

}  // namespace dsode::kernels
