// bfloat16, the upper half of a float, and products of it, for the instruction set that the including file is
// compiled for; see simd.h. NaN stays NaN.
#pragma once

#include <stdint.h>
#include <string.h>

#include "kernels/simd.h"

namespace dsode::kernels {
namespace {

using Bf16 = uint16_t;

inline Bf16 to_bf16(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return v != v ? 0x7fc0 : (Bf16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
inline float to_float(Bf16 v) {
  const uint32_t bits = (uint32_t)v << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// store: kLanes values, each rounded to the nearest, ties to even.
// Bf16Weights: kLanes outputs' weights of kBf16Group inputs, which lie together in packed weights.

#if defined(__AVX512BF16__)

constexpr int kBf16Group = 2;
using Bf16Weights = __m512bh;
inline void store(Bf16* p, Vec v) { _mm256_storeu_si256((__m256i*)p, (__m256i)_mm512_cvtneps_pbh(v)); }
inline Bf16Weights load_weights(const Bf16* p) { return (__m512bh)_mm512_loadu_si512(p); }
inline Bf16Weights broadcast(const Bf16* p) {
  int32_t pair;
  memcpy(&pair, p, sizeof pair);
  return (__m512bh)_mm512_set1_epi32(pair);
}
inline Vec fma(Bf16Weights a, Bf16Weights w, Vec sum) { return _mm512_dpbf16_ps(sum, a, w); }

#else

constexpr int kBf16Group = 1;
using Bf16Weights = Vec;

#if defined(__AVX512F__)

inline void store(Bf16* p, Vec v) {
  const __m512i bits = _mm512_castps_si512(v),
                odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  const __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
  const __m512i rounded = _mm512_mask_mov_epi32(up, is_nan, _mm512_set1_epi32(0x7fc00000));
  _mm256_storeu_si256((__m256i*)p, _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
}
inline Vec load_weights(const Bf16* p) {
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p)), 16));
}

#elif defined(__AVX2__)

inline void store(Bf16* p, Vec v) {
  const __m256i bits = _mm256_castps_si256(v),
                odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i up = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd);
  const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  const __m256i rounded =
      _mm256_srli_epi32(_mm256_blendv_epi8(up, _mm256_set1_epi32(0x7fc00000), is_nan), 16);
  const __m256i halves = _mm256_permute4x64_epi64(_mm256_packus_epi32(rounded, rounded), 0x08);
  _mm_storeu_si128((__m128i*)p, _mm256_castsi256_si128(halves));
}
inline Vec load_weights(const Bf16* p) {
  return _mm256_castsi256_ps(
      _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p)), 16));
}

#elif defined(__ARM_NEON)

inline void store(Bf16* p, Vec v) {
  const uint32x4_t bits = vreinterpretq_u32_f32(v), odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
  const uint32x4_t up = vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7fff)), odd);
  vst1_u16(p, vshrn_n_u32(vbslq_u32(vceqq_f32(v, v), up, vdupq_n_u32(0x7fc00000)), 16));
}
inline Vec load_weights(const Bf16* p) {
  return vreinterpretq_f32_u32(vshlq_n_u32(vmovl_u16(vld1_u16(p)), 16));
}

#else

inline void store(Bf16* p, Vec v) { *p = to_bf16(v); }
inline Vec load_weights(const Bf16* p) { return to_float(*p); }

#endif

inline Vec broadcast(const Bf16* p) { return broadcast(to_float(*p)); }

#endif

}  // namespace
}  // namespace dsode::kernels
