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

// Stores saturate. Narrow: factors of 16 bits, for products of values of as many.
// Operand: how a product's operand, 0 to 255, is stored; kGroup of them make one Operands, in all lanes.
// Wide: kWide channels in kParts vectors, in the order in which bytes become 32 bits; where only `n` are
// left, they are read over and over, and stored once. Column: kWide channels of a pixel in four rows. Taps:
// their weights in one column of a 3x3 window, over the upper three of these rows (`row` 0) or the lower
// three (1), of which kDepthwiseRows pays. Factor: of kLanes channels, for products of 32 by 32 bits.

#if defined(__AVX512F__)

using Vec = __m512i;
constexpr int kLanes = 16, kParts = 4, kTilePixels = 8, kGroup = 4, kDepthwiseRows = 2;
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
inline Factor factor_of(Vec v) { return {v, _mm512_srli_epi64(v, 32)}; }
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
inline Vec multiply_add(Operands a, Weights w, Vec sum) {
  sum = _mm512_dpbusd_epi32(sum, a, w);
  asm("" : "+v"(sum));  // in place: GCC would copy every sum
  return sum;
}

using Floats = __m512;
inline Floats as_floats(Vec v) { return _mm512_castsi512_ps(v); }
inline Floats broadcast_float(float v) { return _mm512_set1_ps(v); }
// floor(v scale + plus), the sum rounded down.
inline Vec floor_of(Vec v, Floats scale, Floats plus) {
  constexpr int kDown = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
  return _mm512_cvt_roundps_epi32(_mm512_fmadd_round_ps(_mm512_cvtepi32_ps(v), scale, plus, kDown), kDown);
}

// Part i, quarter j holds channels 16 j + 4 i to 16 j + 4 i + 3: unpacking within quarters leaves bytes so,
// and packing brings them back.
struct Wide {
  Vec part[kParts];
};
inline Wide load_wide(const int32_t* p, int n) {
  Vec v[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) v[j] = load(p + j * kLanes % n);
  const Vec a = _mm512_shuffle_i64x2(v[0], v[1], 0x44), b = _mm512_shuffle_i64x2(v[2], v[3], 0x44);
  const Vec c = _mm512_shuffle_i64x2(v[0], v[1], 0xee), d = _mm512_shuffle_i64x2(v[2], v[3], 0xee);
  return {{_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xdd),
           _mm512_shuffle_i64x2(c, d, 0x88), _mm512_shuffle_i64x2(c, d, 0xdd)}};
}
inline void store_wide(uint8_t* p, const Wide& v, int n) {
  const Vec bytes =
      _mm512_packus_epi16(_mm512_packs_epi32(v.part[0], v.part[1]), _mm512_packs_epi32(v.part[2], v.part[3]));
  if (n < 64)
    _mm512_mask_storeu_epi8(p, (__mmask64{1} << n) - 1, bytes);
  else
    _mm512_storeu_si512(p, bytes);
}

using Column = Wide;  // of each channel a byte of each row
inline Column interleave(Vec r0, Vec r1, Vec r2, Vec r3) {
  const Vec a = _mm512_unpacklo_epi8(r0, r1), b = _mm512_unpacklo_epi8(r2, r3);
  const Vec c = _mm512_unpackhi_epi8(r0, r1), d = _mm512_unpackhi_epi8(r2, r3);
  return {{_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b), _mm512_unpacklo_epi16(c, d),
           _mm512_unpackhi_epi16(c, d)}};
}
inline Column load_column(const uint8_t* const rows[4], int at) {  // and what lies behind its last channel
  const auto row = [&](int i) { return _mm512_loadu_si512(rows[i] + at); };
  return interleave(row(0), row(1), row(2), row(3));
}
struct Taps {
  Column row[2];
};
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2, int n) {
  const auto weights = [&](const int8_t* w) {
    const auto quarter = [&](int j) { return _mm_loadu_si128((const __m128i*)(w + j * kLanes % n)); };
    const __m256i lo = _mm256_set_m128i(quarter(1), quarter(0)),
                  hi = _mm256_set_m128i(quarter(3), quarter(2));
    return _mm512_inserti64x4(_mm512_castsi256_si512(lo), hi, 1);
  };
  const Vec a = weights(w0), b = weights(w1), c = weights(w2), none = _mm512_setzero_si512();
  return {{interleave(a, b, c, none), interleave(none, a, b, c)}};
}
inline Vec multiply_add_column(const Column& a, const Taps& w, int row, int part, Vec sum) {
  return _mm512_dpbusd_epi32(sum, a.part[part], w.row[row].part[part]);
}

#elif defined(__AVX2__)

using Vec = __m256i;
constexpr int kLanes = 8, kParts = 1, kTilePixels = 4, kGroup = 2, kDepthwiseRows = 2;
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
inline Factor factor_of(Vec v) { return {v, _mm256_srli_epi64(v, 32)}; }
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
  Vec upper, lower;  // 16-bit pairs: the first two rows, the last two
};
inline __m128i pairs(__m128i a, __m128i b) { return _mm_unpacklo_epi8(a, b); }
inline Column load_column(const uint8_t* const rows[4], int at) {
  const auto row = [&](int i) { return load_bytes(rows[i] + at); };
  return {_mm256_cvtepu8_epi16(pairs(row(0), row(1))), _mm256_cvtepu8_epi16(pairs(row(2), row(3)))};
}
struct Taps {
  Column row[2];
};
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2, int) {
  const __m128i a = load_bytes(w0), b = load_bytes(w1), c = load_bytes(w2), none = _mm_setzero_si128();
  const auto two = [](__m128i u, __m128i v) { return _mm256_cvtepi8_epi16(pairs(u, v)); };
  return {{{two(a, b), two(c, none)}, {two(none, a), two(b, c)}}};
}
inline Vec multiply_add_column(const Column& a, const Taps& w, int row, int, Vec sum) {
  return add(sum,
             add(_mm256_madd_epi16(a.upper, w.row[row].upper), _mm256_madd_epi16(a.lower, w.row[row].lower)));
}

#elif defined(__ARM_NEON)

struct Vec {
  int32x4_t lo, hi;
};
constexpr int kLanes = 8, kParts = 1, kTilePixels = 4, kGroup = 1, kDepthwiseRows = 1;
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
inline Factor factor_of(Vec v) { return v; }
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
  int16x8_t rows[4];
};
inline Column load_column(const uint8_t* const rows[4], int at) {
  const auto row = [&](int i) { return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(rows[i] + at))); };
  return {{row(0), row(1), row(2), row(3)}};
}
struct Taps {
  int16x8_t rows[3];
};
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2, int) {
  return {{load_weights(w0), load_weights(w1), load_weights(w2)}};
}
inline Vec multiply_add_column(const Column& a, const Taps& w, int row, int, Vec sum) {
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    sum.lo = vmlal_s16(sum.lo, vget_low_s16(a.rows[row + i]), vget_low_s16(w.rows[i]));
    sum.hi = vmlal_high_s16(sum.hi, a.rows[row + i], w.rows[i]);
  }
  return sum;
}

#else

using Vec = int32_t;
constexpr int kLanes = 1, kParts = 1, kTilePixels = 2, kGroup = 1, kDepthwiseRows = 2;
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
inline Factor factor_of(Vec v) { return v; }
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
  int32_t rows[4];
};
inline Column load_column(const uint8_t* const rows[4], int at) {
  return {{rows[0][at], rows[1][at], rows[2][at], rows[3][at]}};
}
struct Taps {
  int32_t rows[3];
};
inline Taps load_taps(const int8_t* w0, const int8_t* w1, const int8_t* w2, int) { return {{*w0, *w1, *w2}}; }
inline Vec multiply_add_column(const Column& a, const Taps& w, int row, int, Vec sum) {
  return add(sum, a.rows[row] * w.rows[0] + a.rows[row + 1] * w.rows[1] + a.rows[row + 2] * w.rows[2]);
}

#endif

#if !defined(__AVX512F__)

struct Wide {
  Vec part[1];
};
inline Wide load_wide(const int32_t* p, int) { return {{load(p)}}; }
template <class T>
inline void store_wide(T* p, const Wide& v, int) {
  store(p, v.part[0]);
}

#endif

constexpr int kWide = kParts * kLanes;

template <class T>
inline void store_four(T* p, long pitch, const Vec v[4]) {
  for (int i = 0; i < 4; ++i) store(p + i * pitch, v[i]);
}

}  // namespace
}  // namespace dsode::kernels
