// The kernel of dense.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/dense/dense_isa.h"
#include "kernels/product.h"

namespace dsode::kernels {
namespace {

// The windows of row i of y: line [width,size,size,in], zeros outside of the map.
inline void gather(const Dense& op, const float* x, int i, int width, float* line) {
  for (int ox = 0; ox < width; ++ox)
    for (int ky = 0; ky < op.size; ++ky)
      for (int kx = 0; kx < op.size; ++kx, line += op.in) {
        const int sy = i * op.stride + ky - op.size / 2, sx = ox * op.stride + kx - op.size / 2;
        const bool inside = sy >= 0 && sy < op.height && sx >= 0 && sx < op.width;
        const float* from = x + (sy * op.width + sx) * op.in;
        for (int c = 0; c < op.in; ++c) line[c] = inside ? from[c] : 0;
      }
}

void dense(const Dense& op, const float* x, float* y, float* scratch) noexcept {
  const int height = (op.height + op.stride - 1) / op.stride, width = (op.width + op.stride - 1) / op.stride;
  for (int i = op.begin; i < op.end; ++i) {
    gather(op, x, i, width, scratch);
    const int at = i * width * op.out;
    product({width, op.size * op.size * op.in, op.out, op.weight, bias_of_row(op.bias, i, height, op.out),
             op.relu, op.base ? op.base + at : nullptr},
            scratch, y + at);
  }
}

}  // namespace
}  // namespace dsode::kernels
