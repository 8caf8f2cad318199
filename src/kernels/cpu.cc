#include "kernels/cpu.h"

#include "kernels/simd_bf16.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace dsode::kernels {

#if defined(__x86_64__) && defined(__linux__)
namespace {

// Clang 14's __builtin_cpu_supports does not know them.
bool has_tiles() {
  constexpr unsigned kBf16 = 1U << 22, kTile = 1U << 24, kInt8 = 1U << 25, kAll = kBf16 | kTile | kInt8;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kAll) == kAll;
}

}  // namespace

bool has_amx() {
  // The kernel saves the tiles of those processes alone that have asked for them.
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool has =
      has_vnni() && has_bf16() && has_tiles() && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return has;
}
#elif defined(__x86_64__)
bool has_amx() { return false; }
#endif

AlignedVector<std::byte> pack_pointwise(std::span<const float> weight, int out, const Packing& packing,
                                        Precision precision) {
  const auto bytes_of = [](const auto& packed) {
    const auto bytes = std::as_bytes(std::span(packed));
    return AlignedVector<std::byte>(bytes.begin(), bytes.end());
  };
  if (precision == Precision::kFp32) return bytes_of(pack_product<float>(weight, out, packing));
  std::vector<Bf16> rounded(weight.size());
  std::ranges::transform(weight, rounded.begin(), to_bf16);
  return bytes_of(pack_product<Bf16>(rounded, out, packing));
}

}  // namespace dsode::kernels
