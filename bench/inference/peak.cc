#include <algorithm>
#include <chrono>

#include "base/thread_pool.h"
#include "bench/inference/contestant.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dsode::bench {

namespace {

constexpr int kChains = 12, kRounds = 1'000'000, kTries = 5;

// kRounds times kChains multiply-adds that wait for none of each other; as many floats each as are returned.
#if defined(__x86_64__)
__attribute__((target("avx512f"))) int chains_512() {
  __m512 sum[kChains], factor = _mm512_set1_ps(0.5F);
  for (auto& s : sum) s = factor;
  for (int i = 0; i < kRounds; ++i)
#pragma GCC unroll 12
    for (auto& s : sum) {
      s = _mm512_fmadd_ps(s, factor, factor);
      asm volatile("" : "+v"(s));
    }
  return 16;
}

__attribute__((target("avx2,fma"))) int chains_256() {
  __m256 sum[kChains], factor = _mm256_set1_ps(0.5F);
  for (auto& s : sum) s = factor;
  for (int i = 0; i < kRounds; ++i)
#pragma GCC unroll 12
    for (auto& s : sum) {
      s = _mm256_fmadd_ps(s, factor, factor);
      asm volatile("" : "+x"(s));
    }
  return 8;
}
#endif

int chains() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return chains_512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return chains_256();
#endif
  float sum[kChains] = {};
  for (int i = 0; i < kRounds; ++i)
    for (float& s : sum) {
      s = s * 0.5F + 0.5F;
      asm volatile("" : "+m"(s));
    }
  return 1;
}

}  // namespace

double peak_macs_per_second(int threads) {
  ThreadPool pool(threads);
  std::vector<int> lanes(static_cast<size_t>(threads));
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    const auto start = std::chrono::steady_clock::now();
    pool.run([&](int worker) { lanes[static_cast<size_t>(worker)] = chains(); });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, double{kChains} * kRounds * threads * lanes[0] / seconds.count());
  }
  return best;
}

}  // namespace dsode::bench
