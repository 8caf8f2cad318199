// Of a family's kernels, those that this CPU can run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "kernels/packing.h"

namespace dsode::kernels {

// Channels that the float kernels make are whole multiples of it.
inline constexpr int kChannels = 16;

#if defined(__x86_64__)
inline bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
inline bool has_avx512() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }
inline bool has_vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
}
inline bool has_bf16() {
  return has_avx512() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512bf16");
}
bool has_amx();  // and the system lets this process use it
#endif

inline int filled(int in, const Packing& packing) {
  return (in + packing.depth - 1) / packing.depth * packing.depth;
}

template <class T>
AlignedVector<T> pack_product(std::span<const T> weight, int out, const Packing& packing) {
  const int in = static_cast<int>(weight.size()) / out;
  AlignedVector<T> packed;
  packed.reserve(static_cast<size_t>(filled(in, packing)) * static_cast<size_t>(out));
  for (int first = 0; first < out; first += packing.block)
    for (int c = 0; c < filled(in, packing); c += packing.group)
      for (int k = first; k < std::min(first + packing.block, out); ++k)
        for (int i = c; i < c + packing.group; ++i)
          packed.push_back(i < in ? weight[static_cast<size_t>(i * out + k)] : T{});
  return packed;
}

// Of the operands of a separable convolution's pointwise product; its sums and all else are floats.
enum class Precision { kFp32, kBf16 };

// The weights [in,out] of a pointwise product as a kernel of that precision reads them.
AlignedVector<std::byte> pack_pointwise(std::span<const float> weight, int out, const Packing& packing,
                                        Precision precision);

}  // namespace dsode::kernels

// The table of a family, the fastest first: kernels named k<Family>_<isa>, on x86 of the instruction sets
// given, three at most, then of avx2 and scalar.
#if defined(__x86_64__)
#define DSODE_IF_HAS(Family, isa) \
  if (::dsode::kernels::has_##isa()) known.push_back(k##Family##_##isa);
#define DSODE_IF_HAS_2(Family, isa, ...) \
  DSODE_IF_HAS(Family, isa) __VA_OPT__(DSODE_IF_HAS(Family, __VA_ARGS__))
#define DSODE_IF_HAS_3(Family, isa, ...) \
  DSODE_IF_HAS(Family, isa) __VA_OPT__(DSODE_IF_HAS_2(Family, __VA_ARGS__))
#define DSODE_KERNELS(Family, ...)       \
  [] {                                   \
    std::vector<Family##Kernel> known;   \
    DSODE_IF_HAS_3(Family, __VA_ARGS__)  \
    DSODE_IF_HAS(Family, avx2)           \
    known.push_back(k##Family##_scalar); \
    return known;                        \
  }()
#elif defined(__aarch64__)
#define DSODE_KERNELS(Family, ...) \
  std::vector<Family##Kernel> { k##Family##_neon, k##Family##_scalar }
#else
#define DSODE_KERNELS(Family, ...) \
  std::vector<Family##Kernel> { k##Family##_scalar }
#endif
