// Of a family's kernels, those that this CPU can run.
#pragma once

#include <span>
#include <vector>

#include "base/aligned.h"

namespace dsode::kernels {

// Channels that the float kernels make are whole multiples of it.
inline constexpr int kChannels = 16;

#if defined(__x86_64__)
inline bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
inline bool has_avx512() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }
inline bool has_vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
}
#endif

// [in,out] as blocks of `block` output channels, each [in,block]; the last one may be narrower.
AlignedVector<float> pack_product(std::span<const float> weight, int out, int block);

}  // namespace dsode::kernels

// The table of a family, the fastest first: kernels named k<Family>_<isa>, on x86 `widest`, avx2 and scalar.
#if defined(__x86_64__)
#define DSODE_KERNELS(Family, widest)                                            \
  [] {                                                                           \
    std::vector<Family##Kernel> known;                                           \
    if (::dsode::kernels::has_##widest()) known.push_back(k##Family##_##widest); \
    if (::dsode::kernels::has_avx2()) known.push_back(k##Family##_avx2);         \
    known.push_back(k##Family##_scalar);                                         \
    return known;                                                                \
  }()
#elif defined(__aarch64__)
#define DSODE_KERNELS(Family, widest) \
  std::vector<Family##Kernel> { k##Family##_neon, k##Family##_scalar }
#else
#define DSODE_KERNELS(Family, widest) \
  std::vector<Family##Kernel> { k##Family##_scalar }
#endif
