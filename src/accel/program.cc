#include "accel/program.h"

namespace dsode::accel {

int parts_of(Memory memory, const Target& target) {
  switch (memory) {
    case Memory::kWeight:
      return target.pc * target.pk / 4;
    case Memory::kAffine:
    case Memory::kParam:
      return target.lanes * 3 / 2;
    case Memory::kDepthwise:
      return target.lanes * 3;
    case Memory::kTime:
      return target.lanes;
    case Memory::kDescriptor:
      break;
  }
  return kDescriptorParts;
}

int depth_of(Memory memory, const Target& target) {
  switch (memory) {
    case Memory::kWeight:
      return target.weight_depth;
    case Memory::kAffine:
      return target.affine_depth;
    case Memory::kParam:
      return target.param_depth;
    case Memory::kDepthwise:
      return target.depthwise_depth;
    case Memory::kTime:
      return target.time_depth;
    case Memory::kDescriptor:
      break;
  }
  return target.descriptor_depth;
}

const char* name_of(Memory memory) {
  constexpr const char* kNames[] = {
      "weights", "norms", "depthwise filters", "biases and multipliers", "descriptors", "time biases"};
  return kNames[static_cast<size_t>(memory)];
}

const char* limit_of(Memory memory) {
  constexpr const char* kLimits[] = {"weight_depth", "affine_depth",     "depthwise_depth",
                                     "param_depth",  "descriptor_depth", "time_depth"};
  return kLimits[static_cast<size_t>(memory)];
}

}  // namespace dsode::accel
