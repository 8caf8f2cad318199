// What the accelerator executes: passes, and the contents of the memories that they refer to.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "accel/descriptor.h"
#include "accel/target.h"
#include "ir/int_graph.h"

namespace dsode::accel {

// The words of one memory, each of `parts` times 32 bits.
struct Bank {
  int parts = 1;
  std::vector<uint32_t> data;
  int words() const { return static_cast<int>(data.size()) / parts; }
};

// The pass that a descriptor stands for, by the operations of the model that it runs.
struct Pass {
  Descriptor descriptor;
  std::string norm;    // affine in front, or empty
  std::string window;  // conv, dwconv or pool
  std::string result;  // conv, pwconv or linear: whose map is written
  int evaluation = 0;  // of the loop that it stands in
  Shape in, out;
  int64_t macs = 0, window_macs = 0;  // of the array and of the depthwise filters, without padding
};

struct Program {
  Target target;
  Shape input;
  int classes = 0;
  double logit_scale = 1;
  std::vector<Pass> passes;  // of one image
  std::array<Bank, kMemories> memories;
};

// Parts of a word of `memory`.
int parts_of(Memory memory, const Target& target);
int depth_of(Memory memory, const Target& target);
const char* name_of(Memory memory);
const char* limit_of(Memory memory);  // the field of Target

}  // namespace dsode::accel
