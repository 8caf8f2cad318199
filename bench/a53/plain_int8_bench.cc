// A whole integer model (docs/numerics.md) in plain C++: loops over maps [H,W,C], channels innermost, no
// intrinsics and no assembly. tools/plain_model.py runs it, tools/a53_estimate.py counts its cycles on a
// Cortex-A53.
//
// Maps are int16 with channels padded by zeros to a multiple of 16. What a depthwise convolution reads has a
// border of one zero pixel; what a pointwise one reads has room for a multiple of 4 pixels. The shapes are
// the caller's word.
#include <stdint.h>  // not <cstdint>: it compiles for other CPUs without their C++ library

#ifdef __clang__
// A trip of the loop in the assembly is one in the source, or one of 8 channels: trips are what cycles are
// counted by.
#define DSODE_COUNTED _Pragma("clang loop vectorize(disable) interleave(disable) unroll(disable)")
#define DSODE_CHANNELS _Pragma("clang loop vectorize_width(8) interleave_count(1) unroll(disable)")
#define DSODE_BLOCK _Pragma("clang loop vectorize_width(16) interleave_count(1) unroll(disable)")
#else
#define DSODE_COUNTED
#define DSODE_BLOCK
#define DSODE_CHANNELS
#endif

extern "C" {
// Where the results of a pixel go, and which row of biases it takes, both in elements.
struct Pixel {
  int32_t target, bias;
};

struct Call {
  int64_t kernel;                          // index into kKernels
  int64_t height, width, in, out, stride;  // of the result; channels
  int64_t source_pitch, target_pitch;      // elements from row to row
  int64_t shift, lo, hi;                   // of the rounding and the clamp
  const void* source;
  void* target;
  const int16_t*
      weight;  // pwconv [out/16][in][16], dwconv [in/16][3,3,16], linear [in,out], centre the zeros of a row
  const int32_t* bias;        // a row; pwconv as `pixels` says
  const int32_t* multiplier;  // affine its scale
  const int16_t* state;       // what an increment is added to
  const Pixel* pixels;        // pwconv
  int32_t* sums;              // to work in: pwconv [4,16], dwconv and pool [in], linear [out]
};
}

namespace {

using Index = int64_t;
constexpr Index kOut = 16, kPixels = 4;  // a block of the pointwise product: its sums stay in registers

template <class T>
inline T clamp(T x, T lo, T hi) {
  return x < lo ? lo : x > hi ? hi : x;
}

// rsh of docs/numerics.md and the clamp behind it. Rounded is int32_t where the shift leaves no more than 32
// bits.
template <class Rounded>
inline Rounded rsh(int64_t x, Index shift) {
  return static_cast<Rounded>((x + (int64_t{1} << (shift - 1))) >> shift);
}

// Tells the compiler that there is one and that none are left over behind the last 8.
inline Index whole(Index channels) {
  const Index count = channels & ~Index{7};
  if (count <= 0) __builtin_unreachable();
  return count;
}

inline int32_t product(int16_t a, int16_t b) { return int32_t{a} * int32_t{b}; }

// Arrays that do not overlap are arguments: there the compilers believe __restrict.
#define DSODE_LOOP inline __attribute__((always_inline)) void

// sums [4,16] = x [4,in] weight [in,16]. In place: the compilers keep them in registers.
DSODE_LOOP multiply_block(const int16_t* __restrict x, const int16_t* __restrict w, int32_t* __restrict sums,
                          Index in) {
  if (in <= 0) __builtin_unreachable();
  for (Index p = 0; p < kPixels; ++p)
    for (Index k = 0; k < kOut; ++k) sums[p * kOut + k] = 0;
  DSODE_COUNTED
  for (Index c = 0; c < in; ++c, w += kOut)
    for (Index p = 0; p < kPixels; ++p)
      for (Index k = 0; k < kOut; ++k) sums[p * kOut + k] += product(w[k], x[p * in + c]);
}

template <class Rounded, bool Increment>
DSODE_LOOP rescale(const int32_t* __restrict acc, const int32_t* __restrict bias,
                   const int32_t* __restrict multiplier, const int16_t* __restrict z,
                   int16_t* __restrict target, Index shift, Rounded lo, Rounded hi) {
  DSODE_BLOCK
  for (Index k = 0; k < kOut; ++k) {
    auto value = rsh<Rounded>(int64_t{acc[k] + bias[k]} * multiplier[k], shift);
    if (Increment) value += z[k];
    target[k] = static_cast<int16_t>(clamp<Rounded>(value, lo, hi));
  }
}

template <class Rounded, bool Increment>
DSODE_LOOP multiply(const Call& call) {
  const Index in = call.in, pixels = call.height * call.width;
  DSODE_COUNTED
  for (Index k = 0; k < call.out; k += kOut) {
    DSODE_COUNTED
    for (Index i = 0; i < pixels; i += kPixels) {
      multiply_block(static_cast<const int16_t*>(call.source) + i * in, call.weight + k * in, call.sums, in);
      const Index end = i + kPixels < pixels ? i + kPixels : pixels;
      const int32_t* acc = call.sums;
      DSODE_COUNTED
      for (Index p = i; p < end; ++p, acc += kOut)
        rescale<Rounded, Increment>(acc, call.bias + call.pixels[p].bias + k, call.multiplier + k,
                                    call.state + p * call.out + k,
                                    static_cast<int16_t*>(call.target) + call.pixels[p].target + k,
                                    call.shift, static_cast<Rounded>(call.lo), static_cast<Rounded>(call.hi));
    }
  }
}

// sums [16] = a window of a [3,3,16] times weight [3,3,16].
DSODE_LOOP window_block(const int16_t* __restrict a, const int16_t* __restrict w, int32_t* __restrict sums,
                        Index pitch, Index channels) {
  for (Index c = 0; c < kOut; ++c) sums[c] = 0;
  for (Index ky = 0; ky < 3; ++ky)
    for (Index kx = 0; kx < 3; ++kx)
      for (Index c = 0; c < kOut; ++c)
        sums[c] += product(w[(3 * ky + kx) * kOut + c], a[ky * pitch + kx * channels + c]);
}

template <class Rounded>
DSODE_LOOP rescale_pixel(const int32_t* __restrict acc, const int32_t* __restrict multiplier,
                         int16_t* __restrict target, Index channels, Index shift, Rounded lo, Rounded hi) {
  DSODE_CHANNELS
  for (Index c = 0; c < channels; ++c)
    target[c] =
        static_cast<int16_t>(clamp<Rounded>(rsh<Rounded>(int64_t{acc[c]} * multiplier[c], shift), lo, hi));
}

template <class Rounded>
DSODE_LOOP depthwise(const Call& call) {
  const Index channels = whole(call.in), pitch = call.source_pitch;
  DSODE_COUNTED
  for (Index y = 0; y < call.height; ++y) {
    const int16_t* a = static_cast<const int16_t*>(call.source) + y * call.stride * pitch;
    int16_t* d = static_cast<int16_t*>(call.target) + y * call.target_pitch;
    DSODE_COUNTED
    for (Index x = 0; x < call.width; ++x, a += call.stride * channels, d += channels) {
      DSODE_COUNTED
      for (Index c = 0; c < channels; c += kOut)
        window_block(a + c, call.weight + 9 * c, call.sums + c, pitch, channels);
      rescale_pixel<Rounded>(call.sums, call.multiplier, d, channels, call.shift,
                             static_cast<Rounded>(call.lo), static_cast<Rounded>(call.hi));
    }
  }
}

template <class Rounded>
DSODE_LOOP scale_pixel(const int16_t* __restrict z, const int32_t* __restrict factor,
                       const int32_t* __restrict bias, int16_t* __restrict a, Index channels, Index shift,
                       Rounded lo, Rounded hi) {
  DSODE_CHANNELS
  for (Index c = 0; c < channels; ++c)
    a[c] = static_cast<int16_t>(
        clamp<Rounded>(rsh<Rounded>(int64_t{z[c] * factor[c]} + bias[c], shift), lo, hi));
}

template <class Rounded>
DSODE_LOOP scale(const Call& call) {
  const Index channels = whole(call.in);
  DSODE_COUNTED
  for (Index y = 0; y < call.height; ++y) {
    const int16_t* z = static_cast<const int16_t*>(call.source) + y * call.source_pitch;
    int16_t* a = static_cast<int16_t*>(call.target) + y * call.target_pitch;
    DSODE_COUNTED
    for (Index x = 0; x < call.width; ++x, z += channels, a += channels)
      scale_pixel<Rounded>(z, call.multiplier, call.bias, a, channels, call.shift,
                           static_cast<Rounded>(call.lo), static_cast<Rounded>(call.hi));
  }
}

DSODE_LOOP add_pixel(const int16_t* __restrict a, int32_t* __restrict sums, Index channels) {
  DSODE_CHANNELS
  for (Index c = 0; c < channels; ++c) sums[c] += a[c];
}

DSODE_LOOP add_input(const int16_t* __restrict w, int16_t x, int32_t* __restrict sums, Index channels) {
  DSODE_CHANNELS
  for (Index k = 0; k < channels; ++k) sums[k] += product(w[k], x);
}

template <class Result>
DSODE_LOOP finish(const int32_t* __restrict sums, const int32_t* __restrict bias,
                  const int32_t* __restrict multiplier, Result* __restrict target, Index channels,
                  Index shift, int64_t lo, int64_t hi) {
  DSODE_CHANNELS
  for (Index c = 0; c < channels; ++c)
    target[c] = static_cast<Result>(
        clamp<int64_t>(rsh<int64_t>(int64_t{sums[c] + bias[c]} * multiplier[c], shift), lo, hi));
}

}  // namespace

#define DSODE_KERNEL extern "C" __attribute__((noinline)) void

// The image less the pixel that means 0, inside of a map with a border; `in` elements a row.
DSODE_KERNEL centre(const Call& call) {
  const int16_t* __restrict zero = call.weight;
  DSODE_COUNTED
  for (Index y = 0; y < call.height; ++y) {
    const uint8_t* __restrict pixel = static_cast<const uint8_t*>(call.source) + y * call.source_pitch;
    int16_t* __restrict target = static_cast<int16_t*>(call.target) + y * call.target_pitch;
    DSODE_COUNTED
    for (Index i = 0; i < call.in; ++i) target[i] = static_cast<int16_t>(pixel[i] - zero[i]);
  }
}

// The window of each pixel as a row of 3 times `in` elements: the stem is a pointwise product then.
DSODE_KERNEL gather(const Call& call) {
  const Index in = call.in, pitch = call.source_pitch;
  int16_t* __restrict target = static_cast<int16_t*>(call.target);
  DSODE_COUNTED
  for (Index y = 0; y < call.height; ++y) {
    const int16_t* __restrict source = static_cast<const int16_t*>(call.source) + y * pitch;
    DSODE_COUNTED
    for (Index x = 0; x < call.width; ++x, source += in / 3, target += 3 * in) {
      DSODE_COUNTED
      for (Index i = 0; i < in; ++i)
        for (Index ky = 0; ky < 3; ++ky) target[ky * in + i] = source[ky * pitch + i];
    }
  }
}

DSODE_KERNEL affine(const Call& call) { scale<int32_t>(call); }
DSODE_KERNEL affine_wide(const Call& call) { scale<int64_t>(call); }
DSODE_KERNEL dwconv(const Call& call) { depthwise<int32_t>(call); }
DSODE_KERNEL dwconv_wide(const Call& call) { depthwise<int64_t>(call); }
DSODE_KERNEL pwconv(const Call& call) { multiply<int32_t, false>(call); }
DSODE_KERNEL pwconv_wide(const Call& call) { multiply<int64_t, false>(call); }
DSODE_KERNEL increment(const Call& call) { multiply<int32_t, true>(call); }
DSODE_KERNEL increment_wide(const Call& call) { multiply<int64_t, true>(call); }

DSODE_KERNEL pool(const Call& call) {
  const Index channels = whole(call.in);
  const int16_t* a = static_cast<const int16_t*>(call.source);
  DSODE_CHANNELS
  for (Index c = 0; c < channels; ++c) call.sums[c] = 0;
  DSODE_COUNTED
  for (Index i = 0; i < call.height * call.width; ++i, a += channels) add_pixel(a, call.sums, channels);
  finish(call.sums, call.bias, call.multiplier, static_cast<int16_t*>(call.target), channels, call.shift,
         call.lo, call.hi);
}

DSODE_KERNEL linear(const Call& call) {
  const Index out = whole(call.out);
  DSODE_CHANNELS
  for (Index k = 0; k < out; ++k) call.sums[k] = 0;
  DSODE_COUNTED
  for (Index c = 0; c < call.in; ++c)
    add_input(call.weight + c * out, static_cast<const int16_t*>(call.source)[c], call.sums, out);
  finish(call.sums, call.bias, call.multiplier, static_cast<int32_t*>(call.target), out, call.shift, call.lo,
         call.hi);
}

// The order of KERNELS in tools/plain_model.py.
static void (*const kKernels[])(const Call&) = {centre,    gather,         affine, affine_wide,
                                                dwconv,    dwconv_wide,    pwconv, pwconv_wide,
                                                increment, increment_wide, pool,   linear};

// The calls in turn, all of them `rounds` times.
extern "C" void run(const Call* calls, Index count, Index rounds) {
  for (Index round = 0; round < rounds; ++round)
    for (Index i = 0; i < count; ++i) kKernels[calls[i].kernel](calls[i]);
}
