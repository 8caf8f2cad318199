#include "accel/banks.h"

#include "base/error.h"

namespace dsode::accel {

using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names

namespace {

// `value` into the `bits` (8, 16 or 32) at place `index` of a word, places counted in units of that size.
void put(std::span<uint32_t> word, size_t index, int bits, int64_t value) {
  const size_t per_part = 32 / static_cast<size_t>(bits), part = index / per_part;
  const auto at = static_cast<int>(index % per_part) * bits;
  const auto mask = static_cast<uint32_t>((uint64_t{1} << bits) - 1);
  word[part] = (word[part] & ~(mask << at)) | (static_cast<uint32_t>(value) & mask) << at;
}

}  // namespace

Banks::Banks(const Target& target) : target_(target) {
  for (int m = 0; m < kMemories; ++m)
    banks_[static_cast<size_t>(m)].parts = parts_of(static_cast<Memory>(m), target);
}

std::span<uint32_t> Banks::word(Memory memory) {
  Bank& bank = banks_[static_cast<size_t>(memory)];
  const auto parts = static_cast<size_t>(bank.parts);
  bank.data.resize(bank.data.size() + parts);
  return std::span(bank.data).last(parts);
}

uint32_t Banks::end(Memory memory) const { return unsigned(banks_[static_cast<size_t>(memory)].words()); }

template <class Fill>
uint32_t Banks::add_rows(Memory memory, size_t rows, size_t channels, uint32_t groups, const Fill& fill) {
  const uint32_t base = end(memory);
  const size_t lanes = unsigned(target_.lanes);
  for (size_t row = 0; row < rows; ++row)
    for (size_t first = 0; first < groups * lanes; first += lanes) {
      const std::span<uint32_t> to = word(memory);
      for (size_t l = 0; l < lanes && first + l < channels; ++l) fill(to, l, row * channels + first + l);
    }
  return base;
}

uint32_t Banks::add(const Affine& affine, uint32_t groups) {
  const size_t rows = unsigned(affine.rows), lanes = unsigned(target_.lanes);
  return add_rows(Memory::kAffine, rows, affine.scale.size() / rows, groups,
                  [&](auto to, size_t l, size_t i) {
                    put(to, l, 32, affine.bias[i]);
                    put(to, 2 * lanes + l, 16, affine.scale[i]);
                  });
}

uint32_t Banks::add(const DwConv& conv, int channels, uint32_t groups) {
  const size_t all = unsigned(channels);
  return add_rows(Memory::kDepthwise, 1, all, groups, [&](auto to, size_t l, size_t c) {
    for (size_t tap = 0; tap < 9; ++tap) put(to, 12 * l + tap, 8, conv.weight[tap * all + c]);
    // 72 bits of weights: the multiplier lies across two units of 16.
    put(to, 12 * l + 9, 8, conv.multiplier[c] & 0xff);
    put(to, 12 * l + 10, 8, conv.multiplier[c] >> 8);
  });
}

uint32_t Banks::add(const Pool& pool, uint32_t groups) {
  const DwConv none{
      .stride = 1, .weight = std::vector<int8_t>(9 * pool.multiplier.size()), .multiplier = pool.multiplier};
  return add(none, static_cast<int>(pool.multiplier.size()), groups);
}

uint32_t Banks::add_identity(uint32_t groups) {
  // rsh(2 x, 1) = x
  const size_t channels = groups * unsigned(target_.lanes);
  return add(Pool{.multiplier = std::vector<uint16_t>(channels, 2)}, groups);
}

uint32_t Banks::add_weights(const std::vector<int8_t>& weight, int in, int out) {
  const uint32_t base = end(Memory::kWeight);
  for (int k0 = 0; k0 < out; k0 += target_.pk)
    for (int c0 = 0; c0 < in; c0 += target_.pc) {
      const auto to = word(Memory::kWeight);
      for (int i = 0; i < target_.pc && c0 + i < in; ++i)
        for (int k = 0; k < target_.pk && k0 + k < out; ++k)
          put(to, unsigned(i * target_.pk + k), 8,
              weight[static_cast<size_t>(c0 + i) * unsigned(out) + unsigned(k0 + k)]);
    }
  return base;
}

uint32_t Banks::add_params(const std::vector<int32_t>& bias, const std::vector<uint16_t>& multiplier,
                           int rows, int out, uint32_t groups) {
  const size_t lanes = unsigned(target_.lanes);
  return add_rows(Memory::kParam, unsigned(rows), unsigned(out), groups, [&](auto to, size_t l, size_t i) {
    put(to, l, 32, bias[i]);
    put(to, 2 * lanes + l, 16, multiplier[i]);
  });
}

uint32_t Banks::add_time(const std::vector<int32_t>& time, int out, uint32_t groups) {
  return add_rows(Memory::kTime, ir::kBorderClasses, unsigned(out), groups,
                  [&](auto to, size_t l, size_t i) { put(to, l, 32, time[i]); });
}

void Banks::add(const Descriptor& descriptor) {
  const std::vector<uint32_t> parts = pack(descriptor);
  std::ranges::copy(parts, word(Memory::kDescriptor).begin());
}

std::vector<int32_t> Banks::stem_bias(const Conv& conv) {
  std::vector<int32_t> bias = conv.bias;
  const size_t out = unsigned(conv.out), in = conv.zero.size();
  for (size_t i = 0; i < conv.weight.size(); ++i)
    bias[i % out] += conv.weight[i] * (128 - conv.zero[i / out % in]);
  return bias;
}

std::vector<int32_t> Banks::linear_bias(const Linear& linear) {
  std::vector<int32_t> bias = linear.bias;
  for (size_t i = 0; i < linear.weight.size(); ++i) bias[i % unsigned(linear.out)] += 128 * linear.weight[i];
  return bias;
}

}  // namespace dsode::accel
