// A convolution over all input channels, zero padding size / 2, bias and ReLU: a row of windows at a time is
// laid out as a matrix and multiplied. y = r or y = base + r, as in separable.h. The gradient is that of the
// parameters alone: it serves the first convolution of a network, before which nothing is trained.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/dense/dense_isa.h"

namespace dsode::kernels {

// Those that this CPU can run, the fastest first; the scalar one is the last.
std::span<const DenseKernel> dense_kernels();

size_t dense_scratch(int width, int in, int size, int stride);

}  // namespace dsode::kernels
