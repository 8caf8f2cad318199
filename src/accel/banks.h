// Fills the accelerator's memories: tensors of integer operations in the order in which the hardware reads
// them, padded to whole words with zeros. Every add gives the address of the first word.
#pragma once

#include <array>

#include "accel/program.h"

namespace dsode::accel {

class Banks {
 public:
  explicit Banks(const Target& target);

  // Rows x groups words of norms.
  uint32_t add(const ir::integer::Affine& affine, uint32_t groups);
  // A word a group: filters of `channels` channels; no filter but the pool's multipliers; what leaves bytes
  // as they are.
  uint32_t add(const ir::integer::DwConv& conv, int channels, uint32_t groups);
  uint32_t add(const ir::integer::Pool& pool, uint32_t groups);
  uint32_t add_identity(uint32_t groups);
  // Words of pc x pk weights [in,out], for each tile of outputs all tiles of inputs.
  uint32_t add_weights(const std::vector<int8_t>& weight, int in, int out);
  // Rows x groups words of bias and multiplier; one row of multipliers holds for all.
  uint32_t add_params(const std::vector<int32_t>& bias, const std::vector<uint16_t>& multiplier, int rows,
                      int out, uint32_t groups);
  // Nine border classes x groups words of time biases.
  uint32_t add_time(const std::vector<int32_t>& time, int out, uint32_t groups);
  void add(const Descriptor& descriptor);

  // The array takes unsigned operands less 128: biases that make up for it.
  static std::vector<int32_t> stem_bias(const ir::integer::Conv& conv);
  static std::vector<int32_t> linear_bias(const ir::integer::Linear& linear);

  const std::array<Bank, kMemories>& banks() const { return banks_; }

 private:
  // Rows x groups words; fill(word, lane, i) for each of rows x `channels` values, i counting them.
  template <class Fill>
  uint32_t add_rows(Memory memory, size_t rows, size_t channels, uint32_t groups, const Fill& fill);
  // A new word of `memory`, zero.
  std::span<uint32_t> word(Memory memory);
  uint32_t end(Memory memory) const;

  const Target target_;
  std::array<Bank, kMemories> banks_;
};

}  // namespace dsode::accel
