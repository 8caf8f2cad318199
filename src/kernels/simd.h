// Vectors of floats of the instruction set that the including file is compiled for. Everything is internal to
// that file: an inline function shared with another one might be taken, by the linker, from the file for the
// newer instruction set.
#pragma once

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace dsode::kernels {
namespace {

constexpr int kCacheLine = 16;  // floats
inline void prefetch(const float* p) { __builtin_prefetch(p, 0, 2); }
template <class T>
inline T* held(T* p) {  // in one register: of addresses a step apart GCC would keep each, and spill them
  asm("" : "+r"(p));
  return p;
}

#if defined(__AVX512F__)

using Vec = __m512;
// A register tile: two vectors of kTilePixels pixels, or of kSumRows, a divisor of 16, in sums over pixels.
constexpr int kLanes = 16, kTilePixels = 8, kSumRows = 8;
inline Vec zero() { return _mm512_setzero_ps(); }
inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
inline Vec held(Vec v) {  // in a register: of a value used often, GCC would read the memory as often
  asm("" : "+v"(v));
  return v;
}
inline Vec broadcast(float v) { return _mm512_set1_ps(v); }
inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
inline Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
inline Vec relu(Vec v) { return _mm512_max_ps(_mm512_setzero_ps(), v); }  // NaN stays
inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }  // a b + c
inline Vec where_positive(Vec a, Vec v) {                                 // v, or 0 where a <= 0
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ), v);
}

#elif defined(__AVX2__)

using Vec = __m256;
constexpr int kLanes = 8, kTilePixels = 6, kSumRows = 4;
inline Vec zero() { return _mm256_setzero_ps(); }
inline Vec load(const float* p) { return _mm256_loadu_ps(p); }
inline Vec held(Vec v) {
  asm("" : "+x"(v));
  return v;
}
inline Vec broadcast(float v) { return _mm256_set1_ps(v); }
inline void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
inline Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
inline Vec relu(Vec v) { return _mm256_max_ps(_mm256_setzero_ps(), v); }
inline Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
inline Vec where_positive(Vec a, Vec v) {
  return _mm256_and_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ), v);
}

#elif defined(__ARM_NEON)

using Vec = float32x4_t;
constexpr int kLanes = 4, kTilePixels = 8, kSumRows = 8;
inline Vec zero() { return vdupq_n_f32(0); }
inline Vec load(const float* p) { return vld1q_f32(p); }
inline Vec held(Vec v) { return v; }
inline Vec broadcast(float v) { return vdupq_n_f32(v); }
inline void store(float* p, Vec v) { vst1q_f32(p, v); }
inline Vec add(Vec a, Vec b) { return vaddq_f32(a, b); }
inline Vec sub(Vec a, Vec b) { return vsubq_f32(a, b); }
inline Vec relu(Vec v) { return vmaxq_f32(v, vdupq_n_f32(0)); }
inline Vec fma(Vec a, Vec b, Vec c) { return vfmaq_f32(c, a, b); }
inline Vec where_positive(Vec a, Vec v) {
  return vreinterpretq_f32_u32(vandq_u32(vcgtq_f32(a, vdupq_n_f32(0)), vreinterpretq_u32_f32(v)));
}

#else

using Vec = float;
constexpr int kLanes = 1, kTilePixels = 2, kSumRows = 2;
inline Vec zero() { return 0; }
inline Vec load(const float* p) { return *p; }
inline Vec held(Vec v) { return v; }
inline Vec broadcast(float v) { return v; }
inline void store(float* p, Vec v) { *p = v; }
inline Vec add(Vec a, Vec b) { return a + b; }
inline Vec sub(Vec a, Vec b) { return a - b; }
inline Vec relu(Vec v) { return v < 0 ? 0 : v; }
inline Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
inline Vec where_positive(Vec a, Vec v) { return a > 0 ? v : 0; }

#endif

}  // namespace
}  // namespace dsode::kernels
