#include "kernels/cpu.h"

#include "kernels/simd_bf16.h"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace dsode::kernels {

#if defined(__x86_64__)
bool has_amx() {
#if defined(__linux__)
  // The kernel saves the tiles of those processes alone that have asked for them.
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool has = has_vnni() && __builtin_cpu_supports("avx512bf16") &&
                          __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
                          __builtin_cpu_supports("amx-bf16") &&
                          syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return has;
#else
  return false;
#endif
}
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
