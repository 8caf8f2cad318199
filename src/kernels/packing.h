// The order in which a kernel reads the matrix of a product. Plain C, see simd.h.
#pragma once

namespace dsode::kernels {

// [in,out] as blocks of `block` output channels, the last one perhaps narrower, each [in/group,block,group];
// `in` is filled up with zeros to a multiple of `depth`, itself one of `group`.
struct Packing {
  int block, group = 1, depth = group;
};

}  // namespace dsode::kernels
