// Vectors of 32-bit integers of the instruction set that the including file is compiled for, and the sums of
// products of bytes that its instructions give; internal to that file, see kernels/simd.h.
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace dsode::kernels {
namespace {

// Stores saturate; kTogether vectors of bytes are stored best at once. Narrow: factors of 16 bits, for
// products of values of as many. Operand: how a product's operand, 0 to 255, is stored; kGroup of them make
// one Operands, in all lanes. Column: kLanes channels of a pixel in three rows. Taps: their weights in one
// column of a 3x3 window. Factor: of kLanes channels, for products of 32 by 32 bits.

#if defined(__AVX512F__)

using Vec = __m512i;
constexpr int kLanes = 16, kTilePixels = 8, kGroup = 4, kTogether = 4;
inline Vec load(const int32_t* p) { return _mm512_loadu_si512(p); }
inline Vec load(const int16_t* p) { return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i*)p)); }
inline void store(int32_t* p, Vec v) { _mm512_storeu_si512(p, v); }
inline void store(int16_t* p, Vec v) { _mm256_storeu_si256((__m256i*)p, _mm512_cvtsepi32_epi16(v)); }
inline void store(uint8_t* p, Vec v) {
  const Vec positive = _mm512_max_epi32(v, _mm512_setzero_si512());
  _mm_storeu_si128((__m128i*)p, _mm512_cvtusepi32_epi8(positive));
}
inline void store_four(uint8_t* p, long pitch, const Vec v[4]) {
  const Vec words[] = {_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3])};
  const Vec order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  const Vec bytes = _mm512_permutexvar_epi32(order, _mm512_packus_epi16(words[0], words[1]));
  _mm_storeu_si128((__m128i*)p, _mm512_castsi512_si128(bytes));
  _mm_storeu_si128((__m128i*)(p + pitch), _mm512_extracti32x4_epi32(bytes, 1));
  _mm_storeu_si128((__m128i*)(p + 2 * pitch), _mm512_extracti32x4_epi32(bytes, 2));
  _mm_storeu_si128((__m128i*)(p + 3 * pitch), _mm512_extracti32x4_epi32(bytes, 3));
}
inline Vec broadcast(int v) { return _mm512_set1_epi32(v); }
inline Vec add(Vec a, Vec b) { return _mm512_add_epi32(a, b); }
inline Vec multiply(Vec a, Vec b) { return _mm512_mullo_epi32(a, b); }
inline Vec clamp(Vec v, Vec lo, Vec hi) { return _mm512_min_epi32(_mm512_max_epi32(v, lo), hi); }
inline Vec shift_left(Vec v, Vec by) { return _mm512_sllv_epi32(v, by); }
inline Vec shift_right(Vec v, Vec by) { return _mm512_srav_epi32(v, by); }
using Narrow = Vec;
inline Narrow load_narrow(const int16_t* p) {
  return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p));
}
inline Vec multiply_narrow(Vec v, Narrow factor) { return _mm512_madd_epi16(v, factor); }

struct Factor {
  Vec even, odd;
};
inline Factor load_factor(const int32_t* p) { return {load(p), _mm512_srli_epi64(load(p), 32)}; }
// The upper halves of v factor + rounding.
inline Vec multiply_high(Vec v, Factor factor, int64_t rounding) {
  const Vec half = _mm512_set1_epi64(rounding);
  const Vec even = _mm512_add_epi64(_mm512_mul_epi32(v, factor.even), half);
  const Vec odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(v, 32), factor.odd), half);
  return _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
}

using Operand = uint8_t;
using Operands = Vec;
using Weights = Vec;
inline Operands load_operands(const Operand* p) {
  int32_t group;
  memcpy(&group, p, sizeof group);
  return _mm512_set1_epi32(group);
}
inline Weights load_weights(const int8_t* p) { return _mm512_loadu_si512(p); }
inline Vec multiply_add(Operands a, Weights w, Vec sum) { return _mm512_dpbusd_epi32(sum, a, w); }

using Column = Vec;  // of each channel a byte of each row, and 0
using Taps = Vec;
inline Vec interleave(const void* r0, const void* r1, const void* r2) {
  const Vec spread = _mm512_set_epi32(0x0f0f0f0f, 0x0e0e0e0e, 0x0d0d0d0d, 0x0c0c0c0c, 0x0b0b0b0b, 0x0a0a0a0a,
                                      0x09090909, 0x08080808, 0x07070707, 0x06060606, 0x05050505, 0x04040404,
                                      0x03030303, 0x02020202, 0x01010101, 0);
  const auto row = [](const void* r) { return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i*)r)); };
  const Vec first = _mm512_maskz_shuffle_epi8(0x1111111111111111, row(r0), spread);
  const Vec two = _mm512_mask_shuffle_epi8(first, 0x2222222222222222, row(r1), spread);
  return _mm512_mask_shuffle_epi8(two, 0x4444444444444444, row(r2), spread);
}
inline Column load_column(const uint8_t* r0, const uint8_t* r1, const uint8_t* r2) {
  return interleave(r0, r1, r2);
}
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2) { return interleave(w0, w1, w2); }
inline Vec multiply_add_column(Column a, Taps w, Vec sum) { return _mm512_dpbusd_epi32(sum, a, w); }

#elif defined(__AVX2__)

using Vec = __m256i;
constexpr int kLanes = 8, kTilePixels = 4, kGroup = 2, kTogether = 1;
inline __m128i load_bytes(const void* p) { return _mm_loadl_epi64((const __m128i*)p); }
inline Vec load(const int32_t* p) { return _mm256_loadu_si256((const __m256i*)p); }
inline Vec load(const int16_t* p) { return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i*)p)); }
inline void store(int32_t* p, Vec v) { _mm256_storeu_si256((__m256i*)p, v); }
inline void store(int16_t* p, Vec v) {
  const Vec words = _mm256_permute4x64_epi64(_mm256_packs_epi32(v, v), 0x08);
  _mm_storeu_si128((__m128i*)p, _mm256_castsi256_si128(words));
}
inline void store(uint8_t* p, Vec v) {
  const Vec words = _mm256_packs_epi32(v, v), bytes = _mm256_packus_epi16(words, words);
  const __m128i all = _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
  _mm_storel_epi64((__m128i*)p, all);
}
inline Vec broadcast(int v) { return _mm256_set1_epi32(v); }
inline Vec add(Vec a, Vec b) { return _mm256_add_epi32(a, b); }
inline Vec multiply(Vec a, Vec b) { return _mm256_mullo_epi32(a, b); }
inline Vec clamp(Vec v, Vec lo, Vec hi) { return _mm256_min_epi32(_mm256_max_epi32(v, lo), hi); }
inline Vec shift_left(Vec v, Vec by) { return _mm256_sllv_epi32(v, by); }
inline Vec shift_right(Vec v, Vec by) { return _mm256_srav_epi32(v, by); }
using Narrow = Vec;
inline Narrow load_narrow(const int16_t* p) {
  return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p));
}
inline Vec multiply_narrow(Vec v, Narrow factor) { return _mm256_madd_epi16(v, factor); }

struct Factor {
  Vec even, odd;
};
inline Factor load_factor(const int32_t* p) { return {load(p), _mm256_srli_epi64(load(p), 32)}; }
inline Vec multiply_high(Vec v, Factor factor, int64_t rounding) {
  const Vec half = _mm256_set1_epi64x(rounding);
  const Vec even = _mm256_add_epi64(_mm256_mul_epi32(v, factor.even), half);
  const Vec odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(v, 32), factor.odd), half);
  return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}

using Operand = int16_t;
using Operands = Vec;
using Weights = Vec;
inline Operands load_operands(const Operand* p) {
  int32_t group;
  memcpy(&group, p, sizeof group);
  return _mm256_set1_epi32(group);
}
inline Weights load_weights(const int8_t* p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i*)p));
}
inline Vec multiply_add(Operands a, Weights w, Vec sum) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w));
}

struct Column {
  Vec upper, lower;  // 16-bit pairs: the first two rows, the third and 0
};
using Taps = Column;
inline Column load_column(const uint8_t* r0, const uint8_t* r1, const uint8_t* r2) {
  return {_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(load_bytes(r0), load_bytes(r1))),
          _mm256_cvtepu8_epi32(load_bytes(r2))};
}
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2) {
  return {_mm256_cvtepi8_epi16(_mm_unpacklo_epi8(load_bytes(w0), load_bytes(w1))),
          _mm256_cvtepi8_epi32(load_bytes(w2))};
}
inline Vec multiply_add_column(Column a, Taps w, Vec sum) {
  return add(sum, add(_mm256_madd_epi16(a.upper, w.upper), _mm256_madd_epi16(a.lower, w.lower)));
}

#elif defined(__ARM_NEON)

struct Vec {
  int32x4_t lo, hi;
};
constexpr int kLanes = 8, kTilePixels = 4, kGroup = 1, kTogether = 1;
inline Vec load(const int32_t* p) { return {vld1q_s32(p), vld1q_s32(p + 4)}; }
inline Vec load(const int16_t* p) {
  const int16x8_t v = vld1q_s16(p);
  return {vmovl_s16(vget_low_s16(v)), vmovl_high_s16(v)};
}
inline int16x8_t words(Vec v) { return vqmovn_high_s32(vqmovn_s32(v.lo), v.hi); }
inline void store(int32_t* p, Vec v) {
  vst1q_s32(p, v.lo);
  vst1q_s32(p + 4, v.hi);
}
inline void store(int16_t* p, Vec v) { vst1q_s16(p, words(v)); }
inline void store(uint8_t* p, Vec v) { vst1_u8(p, vqmovun_s16(words(v))); }
inline Vec broadcast(int v) { return {vdupq_n_s32(v), vdupq_n_s32(v)}; }
inline Vec add(Vec a, Vec b) { return {vaddq_s32(a.lo, b.lo), vaddq_s32(a.hi, b.hi)}; }
inline Vec multiply(Vec a, Vec b) { return {vmulq_s32(a.lo, b.lo), vmulq_s32(a.hi, b.hi)}; }
inline Vec clamp(Vec v, Vec lo, Vec hi) {
  return {vminq_s32(vmaxq_s32(v.lo, lo.lo), hi.lo), vminq_s32(vmaxq_s32(v.hi, lo.hi), hi.hi)};
}
inline Vec shift_left(Vec v, Vec by) { return {vshlq_s32(v.lo, by.lo), vshlq_s32(v.hi, by.hi)}; }
inline Vec shift_right(Vec v, Vec by) {
  return {vshlq_s32(v.lo, vnegq_s32(by.lo)), vshlq_s32(v.hi, vnegq_s32(by.hi))};
}
using Narrow = Vec;
inline Narrow load_narrow(const int16_t* p) { return load(p); }
inline Vec multiply_narrow(Vec v, Narrow factor) { return multiply(v, factor); }

using Factor = Vec;
inline Factor load_factor(const int32_t* p) { return load(p); }
inline Vec multiply_high(Vec v, Factor factor, int64_t rounding) {
  const int64x2_t half = vdupq_n_s64(rounding);
  const auto four = [&](int32x4_t a, int32x4_t b) {
    const int64x2_t lo = vaddq_s64(vmull_s32(vget_low_s32(a), vget_low_s32(b)), half);
    const int64x2_t hi = vaddq_s64(vmull_high_s32(a, b), half);
    return vshrn_high_n_s64(vshrn_n_s64(lo, 32), hi, 32);
  };
  return {four(v.lo, factor.lo), four(v.hi, factor.hi)};
}

using Operand = int16_t;
using Operands = int16_t;
using Weights = int16x8_t;
inline Operands load_operands(const Operand* p) { return *p; }
inline Weights load_weights(const int8_t* p) { return vmovl_s8(vld1_s8(p)); }
inline Vec multiply_add(Operands a, Weights w, Vec sum) {
  return {vmlal_n_s16(sum.lo, vget_low_s16(w), a), vmlal_high_n_s16(sum.hi, w, a)};
}

struct Column {
  int16x8_t rows[3];
};
using Taps = Column;
inline Column load_column(const uint8_t* r0, const uint8_t* r1, const uint8_t* r2) {
  const auto row = [](const uint8_t* r) { return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(r))); };
  return {{row(r0), row(r1), row(r2)}};
}
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2) {
  return {{load_weights(w0), load_weights(w1), load_weights(w2)}};
}
inline Vec multiply_add_column(Column a, Taps w, Vec sum) {
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    sum.lo = vmlal_s16(sum.lo, vget_low_s16(a.rows[i]), vget_low_s16(w.rows[i]));
    sum.hi = vmlal_high_s16(sum.hi, a.rows[i], w.rows[i]);
  }
  return sum;
}

#else

using Vec = int32_t;
constexpr int kLanes = 1, kTilePixels = 2, kGroup = 1, kTogether = 1;
inline Vec load(const int32_t* p) { return *p; }
inline Vec load(const int16_t* p) { return *p; }
inline void store(int32_t* p, Vec v) { *p = v; }
inline void store(int16_t* p, Vec v) {
  *p = (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}
inline void store(uint8_t* p, Vec v) { *p = (uint8_t)(v < 0 ? 0 : v > UINT8_MAX ? UINT8_MAX : v); }
inline Vec broadcast(int v) { return v; }
// Partial sums may wrap around.
inline Vec add(Vec a, Vec b) { return (Vec)((uint32_t)a + (uint32_t)b); }
inline Vec multiply(Vec a, Vec b) { return a * b; }
inline Vec clamp(Vec v, Vec lo, Vec hi) { return v < lo ? lo : v > hi ? hi : v; }
inline Vec shift_left(Vec v, Vec by) { return (Vec)((uint32_t)v << by); }
inline Vec shift_right(Vec v, Vec by) { return v >> by; }
using Narrow = Vec;
inline Narrow load_narrow(const int16_t* p) { return *p; }
inline Vec multiply_narrow(Vec v, Narrow factor) { return v * factor; }

using Factor = Vec;
inline Factor load_factor(const int32_t* p) { return *p; }
inline Vec multiply_high(Vec v, Factor factor, int64_t rounding) {
  return (Vec)(((int64_t)v * factor + rounding) >> 32);
}

using Operand = uint8_t;
using Operands = int32_t;
using Weights = int32_t;
inline Operands load_operands(const Operand* p) { return *p; }
inline Weights load_weights(const int8_t* p) { return *p; }
inline Vec multiply_add(Operands a, Weights w, Vec sum) { return add(sum, a * w); }

struct Column {
  int32_t rows[3];
};
using Taps = Column;
inline Column load_column(const uint8_t* r0, const uint8_t* r1, const uint8_t* r2) {
  return {{*r0, *r1, *r2}};
}
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2) { return {{*w0, *w1, *w2}}; }
inline Vec multiply_add_column(Column a, Taps w, Vec sum) {
  return add(sum, a.rows[0] * w.rows[0] + a.rows[1] * w.rows[1] + a.rows[2] * w.rows[2]);
}

#endif

}  // namespace
}  // namespace dsode::kernels
