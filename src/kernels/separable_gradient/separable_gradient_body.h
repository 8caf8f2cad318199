// The kernel of separable_gradient.h for the instruction set that the including file is compiled for.
#pragma once

#include "kernels/outer.h"
#include "kernels/separable_gradient/separable_gradient_isa.h"
#include "kernels/window.h"

namespace dsode::kernels {
namespace {

constexpr int kLineEnd = 15;  // pixels behind a line that a tile of it reaches, whatever is there

// A map of a band of rows, an operand of the pointwise gradient: a line of all their pixels.
template <class Value>
struct Band {
  Value* map;
  int pixels;
  int group() const { return pixels * kGroup; }
  Value* at(int pixel, int c) const { return map + line_at(pixel, c, group()); }
  // Makes pixels [begin, end) zeros.
  void clear(int channels, int begin, int end) const {
    for (int c = 0; c < channels; c += kGroup)
      memset(at(begin, c), 0, sizeof(Value) * (size_t)((end - begin) * kGroup));
  }
};

#if defined(__AVX512BF16__)
// Two pixels of 16 channels as 16 pairs.
inline __m512i interleaved(const Bf16* two) {
  const __m512i from =
      _mm512_set_epi32(0x1f000f, 0x1e000e, 0x1d000d, 0x1c000c, 0x1b000b, 0x1a000a, 0x190009, 0x180008,
                       0x170007, 0x160006, 0x150005, 0x140004, 0x130003, 0x120002, 0x110001, 0x100000);
  return _mm512_permutexvar_epi16(from, _mm512_loadu_si512(two));
}
inline void interleave(const Band<Bf16>& band, int channels, int pixels) {
  for (int c = 0; c < channels; c += kGroup)
    for (int p = 0; p < pixels; p += 2) _mm512_storeu_si512(band.at(p, c), interleaved(band.at(p, c)));
}
#else
inline void interleave(const Band<Bf16>&, int, int) {}
#endif
inline void interleave(const Band<float>&, int, int) {}

// window_sums of a whole row.
template <int kStride = 1, class Put>
inline void window_row(const float* const rows[3], const Vec weight[9], int width, const Put& put) {
  int x = 0;
  for (; x + 4 <= width; x += 4) window_sums<4, kStride>(rows, weight, x, put);
  for (; x < width; ++x) window_sums<1, kStride>(rows, weight, x, put);
}

// Three rows of a map, each vector of channels by itself: [C/kLanes,3,width+2,kLanes], zeros on both sides.
// Where only every `step`-th row and pixel of the map is there, the others are zeros.
struct Ring {
  float* map;
  const float* nothing;        // a row of zeros
  int height, slot, step = 1;  // slot: floats of a row

  float* put(int i, int c) const { return map + (c / kLanes * 3 + i / step % 3) * slot; }
  // That of any row, zeros outside of the map.
  const float* row(int i, int c) const { return i < 0 || i >= height || i % step != 0 ? nothing : put(i, c); }
};

// A vector of channels, from c on, of what comes back through a norm.
struct NormVector {
  const float *g, *v;  // none: zeros come
  Vec scale = zero(), offset = zero(), slope = zero(), mean = zero();

  NormVector(const NormGradient& through, int c) : g(through.g), v(through.v) {
    if (!g) return;
    scale = load(through.scale + c);
    offset = load(through.offset + c);
    slope = load(through.slope + c);
    mean = load(through.mean + c);
  }
  Vec at(long i) const {
    return g ? fma(sub(load(v + i), mean), slope, fma(load(g + i), scale, offset)) : zero();
  }
};

inline void accumulate(float* to, Vec v) { store(to, add(load(to), v)); }

void pass(const NormGradient& through, int pixels, int channels, float* past) noexcept {
  for (int c = 0; c < channels; c += kLanes) {
    const NormVector norm(through, c);
    for (int i = c; i < pixels * channels; i += channels) accumulate(past + i, norm.at(i));
  }
}

// The pointwise products of a sweep, in registers of vectors.
template <class Operand>
struct VectorProducts {
  using Value = Operand;
  static constexpr int kBandPixels = 64;        // of d and gy that are kept for one update of the gradient
  static constexpr int kStep = kInputs<Value>;  // pixels of such an update are multiples of it
  static constexpr int kOutputs = kBlock;       // channels of gd that are made at once
  static int pitch(int) { return 0; }           // no line: rows are read where they lie in the band

  // Of gd = gy W^T of a row, which begins at pixel `first` of the band and is, where there is one, the line
  // [width,pitch()]: channels from c on, kOutputs at most, pixels `pixel` and vectors `group` floats apart.
  static void back(const SeparableGradient& op, const Band<Value>& gy, int first, const Value*, int width,
                   int c, Ahead* ahead, float* gd, int pixel, int group) {
    const Product<Value> product{width,   op.out, op.in,     (const Value*)op.transposed,
                                 nullptr, false,  nullptr,   ahead,
                                 pixel,   group,  gy.group()};
    c + kBlock <= op.in ? product_block<2>(product, gy.at(first, 0), c, gd)
                        : product_block<1>(product, gy.at(first, 0), c, gd);
  }

  // Of a band's pixels, sums [in,out] += d^T gy.
  static void gradient(const SeparableGradient& op, const Band<Value>& d, const Band<Value>& gy, int pixels,
                       float* sums) {
    interleave(d, op.in, pixels);
    interleave(gy, op.out, pixels);
    const int step = kStep * kGroup;
    for_each_vectors(op.out, [&]<int kVectors>(int k) {
      const Value* values[kVectors];
      for (int v = 0; v < kVectors; ++v) values[v] = first(gy, k + v * kLanes);
      for (int c = 0; c < op.in; c += kSumRows)
        outer_tile<kSumRows, kVectors>(first(d, c), step, values, step, pixels / kStep, sums + c * op.out + k,
                                       op.out);
    });
  }

 private:
  // Where the values of the step's first pixel lie, from channel c on.
  static const Value* first(const Band<Value>& band, int c) {
    return band.at(0, c - c % kGroup) + c % kGroup * kStep;
  }
};

template <class Products>
class Sweep {
 public:
  using Value = typename Products::Value;

  Sweep(const SeparableGradient& op, const float* x, float* g, const SeparableSums& sums, float* scratch)
      : op_(op),
        sums_(sums),
        x_(x),
        g_(g),
        height_((op.height + op.stride - 1) / op.stride),
        width_((op.width + op.stride - 1) / op.stride) {
    rows_ = width_ < Products::kBandPixels ? Products::kBandPixels / width_ : 1;
    const int slot = (op.width + 2) * kLanes, ring = 3 * slot * (op.in / kLanes);
    float* nothing = scratch + 2 * ring;
    for (float* row = scratch; row < nothing; row += slot) {
      store(row, zero());
      store(row + slot - kLanes, zero());
    }
    for (float* at = op.stride == 1 ? nothing : scratch + ring; at < nothing + slot; at += kLanes)
      store(at, zero());
    activations_ = {scratch, nothing, op.height, slot};
    back_ = {scratch + ring, nothing, op.height, slot, op.stride};
    line_ = (Value*)(nothing + slot);
    const int line = (width_ + kLineEnd) * Products::pitch(op.out), pixels = whole(rows_ * width_);
    memset(line_, 0, sizeof(Value) * (size_t)line);
    d_ = {line_ + line, pixels};
    gy_ = {d_.map + pixels * op.in, pixels};
  }

  void run() {
    const int stride = op_.stride, row = op_.width * op_.in;
    for (int i = 0, ready = 0; i < height_; ++i) {
      const int first = i % rows_ * width_, centre = i * stride;
      const int end =
          centre + 2 < op_.height ? centre + 2 : op_.height;  // of the rows that its windows reach
      take_gradient(i, first);
      const int next = (i + 1) * width_ * op_.out;
      const float* y = op_.past ? op_.past + next : g_ + next;
      Ahead ahead{{x_ + (centre + 2) * row, op_.through.g ? op_.through.g + next : y,
                   op_.through.v ? op_.through.v + next : y, y},
                  row};
      for (int block = 0, last; block < op_.in; block = last) {  // all of its channels while they are in L1
        last = block + Products::kOutputs < op_.in ? block + Products::kOutputs : op_.in;
        for (int c = block; c < last; c += kLanes) {
          for (int r = ready; r < end; ++r) activate(r, c);
          stride == 1 ? depthwise<1>(centre, c, first) : depthwise<2>(centre, c, first);
        }
        Products::back(op_, gy_, first, line_, width_, block, &ahead, back_.put(centre, 0) + kLanes,
                       stride * kLanes, 3 * back_.slot);
        for (int c = block; c < last; c += kLanes) {
          depthwise_gradient(centre, c, ahead);
          for (int r = centre - stride; r >= 0 && r < centre; ++r) finish(r, c);
        }
      }
      ready = end;
      if ((i + 1) % rows_ == 0 || i + 1 == height_) pointwise_gradient(first + width_);
    }
    for (int r = (height_ - 1) * stride; r < op_.height; ++r)
      for (int c = 0; c < op_.in; c += kLanes) finish(r, c);
  }

 private:
  void activate(int i, int c) {
    const long pitch = op_.in;
    const float* x = x_ + (long)i * op_.width * pitch + c;
    float *to = activations_.put(i, c), *end = to + op_.width * kLanes;
    if (!op_.scale) {
      for (; to < end; x += pitch) store(to += kLanes, load(x));
      return;
    }
    const Vec scale = load(op_.scale + c), shift = load(op_.shift + c);
    for (; to < end; x += pitch) store(to += kLanes, relu(fma(load(x), scale, shift)));
  }

  // gy of row i into the line and the band.
  void take_gradient(int i, int first) {
    const int out = op_.out, pitch = Products::pitch(out), row = i == 0 ? 0 : i + 1 < height_ ? 3 : 6;
    for (int c = 0; c < out; c += kLanes) {
      const NormVector norm(op_.through, c);
      Value *line = line_ + c, *band = gy_.at(first, c);
      const auto take = [&](int x) __attribute__((always_inline)) {
        const int at = (i * width_ + x) * out + c;
        Vec value = norm.at(at);
        if (op_.past) {
          value = add(value, load(op_.past + at));
          store(op_.past + at, value);
        }
        if (pitch > 0) store(line + x * pitch, value);
        store(band + x * kGroup, value);
        return value;
      };
      const Vec left = take(0);
      Vec between = zero();
      for (int x = 1; x + 1 < width_; ++x) between = add(between, take(x));
      const Vec right = width_ > 1 ? take(width_ - 1) : zero();
      if (!sums_.bias) continue;
      float* bias = sums_.bias + row * out + c;
      accumulate(bias, left);
      accumulate(bias + out, between);
      accumulate(bias + 2 * out, right);
    }
  }

  template <int kStride>
  void depthwise(int i, int c, int first) {
    Vec weight[9];
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) weight[tap] = load(op_.depthwise + tap * op_.in + c);
    const float* rows[3] = {activations_.row(i - 1, c), activations_.row(i, c), activations_.row(i + 1, c)};
    Value* d = d_.at(first, c);
    window_row<kStride>(rows, weight, width_, [&](int x, Vec sum) { store(d + x * kGroup, sum); });
  }

  void depthwise_gradient(int i, int c, Ahead& ahead) {
    const float* rows[3] = {activations_.row(i - 1, c), activations_.row(i, c), activations_.row(i + 1, c)};
    const float* gd = back_.row(i, c) + kLanes;
    float* to = sums_.depthwise + c;
    Vec sum[9], left[3], centre[3];
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) sum[tap] = load(to + tap * op_.in);
#pragma GCC unroll 3
    for (int ky = 0; ky < 3; ++ky) {
      left[ky] = load(rows[ky]);
      centre[ky] = load(rows[ky] + kLanes);
    }
    for (int at = 0; at < op_.width * kLanes; at += kLanes) {
      ahead.fetch();
      const Vec value = load(gd + at);
#pragma GCC unroll 3
      for (int ky = 0; ky < 3; ++ky) {
        const Vec right = load(rows[ky] + at + 2 * kLanes);
        sum[3 * ky] = fma(value, left[ky], sum[3 * ky]);
        sum[3 * ky + 1] = fma(value, centre[ky], sum[3 * ky + 1]);
        sum[3 * ky + 2] = fma(value, right, sum[3 * ky + 2]);
        left[ky] = centre[ky];
        centre[ky] = right;
      }
    }
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) store(to + tap * op_.in, sum[tap]);
  }

  void pointwise_gradient(int pixels) {
    const int steps = whole(pixels);
    d_.clear(op_.in, pixels, steps);
    gy_.clear(op_.out, pixels, steps);
    Products::gradient(op_, d_, gy_, steps, sums_.pointwise);
  }

  static int whole(int pixels) { return (pixels + Products::kStep - 1) / Products::kStep * Products::kStep; }

  // g of row i, once gd of the rows around it is there.
  void finish(int i, int c) {
    Vec weight[9];
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) weight[tap] = load(op_.depthwise + (8 - tap) * op_.in + c);
    const float* rows[3] = {back_.row(i - 1, c), back_.row(i, c), back_.row(i + 1, c)};
    const long start = (long)i * op_.width * op_.in + c, pitch = op_.in;
    float* g = g_ + start;
    if (!op_.scale) {
      window_row(rows, weight, op_.width, [&](int x, Vec sum) { store(g + x * pitch, sum); });
      return;
    }
    const float *a = activations_.row(i, c) + kLanes, *x = x_ + start;
    const Vec mean = load(op_.mean + c);
    Vec sum_g = load(sums_.g + c), sum_gx = load(sums_.gx + c);
    window_row(rows, weight, op_.width, [&](int ox, Vec sum) {
      const Vec value = where_positive(load(a + ox * kLanes), sum);
      store(g + ox * pitch, value);
      sum_g = add(sum_g, value);
      sum_gx = fma(value, sub(load(x + ox * pitch), mean), sum_gx);
    });
    store(sums_.g + c, sum_g);
    store(sums_.gx + c, sum_gx);
  }

  const SeparableGradient& op_;
  const SeparableSums& sums_;
  const float* x_;
  float* g_;
  int height_, width_;       // of gy
  Ring activations_, back_;  // of a and gd
  int rows_;                 // of a band
  Value* line_;              // a row of gy
  Band<Value> d_, gy_;
};

template <class Products>
void separable_gradient(const SeparableGradient& op, const float* x, float* g, const SeparableSums& sums,
                        float* scratch) noexcept {
  Sweep<Products>(op, x, g, sums, scratch).run();
}

}  // namespace
}  // namespace dsode::kernels
