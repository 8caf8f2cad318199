// What software and hardware both know of the accelerator: the descriptor of a pass and the memories that are
// loaded. One table for both sides: config_package.cc writes it as SystemVerilog.
#pragma once

#include <cstdint>
#include <vector>

namespace dsode::accel {

// Where a pass reads, what its window unit does, where its result goes.
enum class Source : uint32_t { kImage, kState, kActivation };
enum class Window : uint32_t { kDepthwise, kStem, kPool };
enum class Destination : uint32_t { kActivation, kState, kIncrement, kScores };

// Memories that a model is loaded into.
enum class Memory : uint32_t { kWeight, kAffine, kDepthwise, kParam, kDescriptor, kTime };
inline constexpr int kMemories = 6;

// One pass: a source map -> [norm] -> window -> pointwise -> result map. Addresses count words of `lanes`
// channels, which lie [pixel][group]. Shifts are less by 1.
struct Descriptor {
  uint32_t src = 0, window = 0, dst = 0;
  uint32_t last = 0;  // of the image
  uint32_t stride2 = 0;
  uint32_t signed_source = 0;  // of activations that the window unit sees
  uint32_t colour = 0;         // the image has 3 channels
  uint32_t activation_bits = 8, state_bits = 16;
  uint32_t width = 0, height = 0, pixels = 0, groups_in = 0;  // of the source
  uint32_t pixels_out = 0, groups_out = 0;                    // of the result
  uint32_t channel_tiles = 0, column_tiles = 0;               // of pc input, pk output channels
  uint32_t src_base = 0, add_base = 0, dst_base = 0;
  uint32_t affine_base = 0, affine_shift = 0, depthwise_base = 0, depthwise_shift = 0;
  uint32_t weight_base = 0, param_base = 0, param_shift = 0;
  uint32_t timed = 0, tau = 0, time_base = 0;
  uint32_t pad = 0;  // of the stem: the three bytes outside of the image
};

// Calls visit(name, bits, field) for every field, the lowest bits first.
template <class D, class Visit>
constexpr void visit_fields(D& d, Visit&& visit) {
  visit("src", 2, d.src);
  visit("window", 2, d.window);
  visit("dst", 2, d.dst);
  visit("last", 1, d.last);
  visit("stride2", 1, d.stride2);
  visit("signed_source", 1, d.signed_source);
  visit("colour", 1, d.colour);
  visit("activation_bits", 4, d.activation_bits);
  visit("state_bits", 5, d.state_bits);
  visit("width", 12, d.width);
  visit("height", 12, d.height);
  visit("pixels", 20, d.pixels);
  visit("groups_in", 8, d.groups_in);
  visit("pixels_out", 20, d.pixels_out);
  visit("groups_out", 8, d.groups_out);
  visit("channel_tiles", 12, d.channel_tiles);
  visit("column_tiles", 12, d.column_tiles);
  visit("src_base", 20, d.src_base);
  visit("add_base", 20, d.add_base);
  visit("dst_base", 20, d.dst_base);
  visit("affine_base", 16, d.affine_base);
  visit("affine_shift", 6, d.affine_shift);
  visit("depthwise_base", 16, d.depthwise_base);
  visit("depthwise_shift", 6, d.depthwise_shift);
  visit("weight_base", 16, d.weight_base);
  visit("param_base", 16, d.param_base);
  visit("param_shift", 6, d.param_shift);
  visit("timed", 1, d.timed);
  visit("tau", 8, d.tau);
  visit("time_base", 16, d.time_base);
  visit("pad", 24, d.pad);
}

inline constexpr int kDescriptorParts = 10;  // of 32 bits

// The bits of `d` from the lowest, 32 a part.
std::vector<uint32_t> pack(const Descriptor& d);

}  // namespace dsode::accel
