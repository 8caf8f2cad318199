#include "accel/program.h"

namespace dsode::accel {

namespace {

struct Kind {
  const char* name;
  const char* limit;
  int Target::*depth;
};

// In the order of Memory.
constexpr Kind kKinds[kMemories] = {
    {"weights", "weight_depth", &Target::weight_depth},
    {"norms", "affine_depth", &Target::affine_depth},
    {"depthwise filters", "depthwise_depth", &Target::depthwise_depth},
    {"biases and multipliers", "param_depth", &Target::param_depth},
    {"descriptors", "descriptor_depth", &Target::descriptor_depth},
    {"time biases", "time_depth", &Target::time_depth},
};

}  // namespace

int parts_of(Memory memory, const Target& target) {
  const int parts[kMemories] = {target.pc * target.pk / 4, target.lanes * 3 / 2, target.lanes * 3,
                                target.lanes * 3 / 2,      kDescriptorParts,     target.lanes};
  return parts[static_cast<size_t>(memory)];
}

int depth_of(Memory memory, const Target& target) {
  return target.*kKinds[static_cast<size_t>(memory)].depth;
}
const char* name_of(Memory memory) { return kKinds[static_cast<size_t>(memory)].name; }
const char* limit_of(Memory memory) { return kKinds[static_cast<size_t>(memory)].limit; }

}  // namespace dsode::accel
