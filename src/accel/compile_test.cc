// What does not fit a target is refused by name, and what is written can be read by others.
#include "accel/compile.h"

#include "accel/config_package.h"
#include "accel/protocol_fixture.h"
#include "accel/registers.h"
#include "base/fixture.h"
#include "ir/int_fixture.h"

namespace dsode::accel {
namespace {

using Conv = ir::integer::Conv;

const Case& model() {
  static const Case made = find_case(load_target("grid-4x4x1"), 60, 400);
  return made;
}

// --- limits

struct Limit {
  const char* name;
  int Target::*field;
};

constexpr Limit kLimits[] = {{"weight_depth", &Target::weight_depth},
                             {"affine_depth", &Target::affine_depth},
                             {"depthwise_depth", &Target::depthwise_depth},
                             {"param_depth", &Target::param_depth},
                             {"descriptor_depth", &Target::descriptor_depth},
                             {"state_words", &Target::state_words},
                             {"activation_words", &Target::activation_words},
                             {"image_pixels", &Target::image_pixels},
                             {"line_words", &Target::line_words},
                             {"groups", &Target::groups},
                             {"score_words", &Target::score_words}};

bool compiles(const ir::integer::Graph& graph, const Target& target) {
  try {
    compile(graph, target);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// The least value of the field with which the model still fits has all that it needs: one less is refused,
// with the limit, both numbers and, but for passes, the operation in the text.
TEST(Compile, RefusesByNameWhatIsOneTooLarge) {
  const ir::integer::Graph& graph = model().model;
  for (const auto& [name, field] : kLimits) {
    SCOPED_TRACE(name);
    Target target = load_target("grid-4x4x1");
    ASSERT_TRUE(compiles(graph, target));
    while (target.*field > 0 && compiles(graph, target)) --(target.*field);
    const int most = target.*field;
    const std::string error = error_of([&] { compile(graph, target, "m"); });
    EXPECT_TRUE(
        says(error, "m: ", name, std::to_string(most), std::to_string(most + 1), "grid-4x4x1", "--target"));
    bool names_operation = false;
    ir::for_each_op(graph.ops, graph.spec.input, [&](const ir::integer::Op& op, Shape) {
      names_operation |= error.starts_with("m: " + op.name + ": ");
    });
    EXPECT_EQ(names_operation, field != &Target::descriptor_depth) << error;
  }
}

TEST(Compile, WhatFitsExactlyIsTheSameProgram) {
  Target target = load_target("grid-4x4x1");
  const Program& program = model().program;
  for (int m = 0; m < kMemories; ++m)
    EXPECT_LE(program.memories[size_t(m)].words(), depth_of(Memory(m), target));
  target.weight_depth = program.memories[size_t(Memory::kWeight)].words();
  target.param_depth = program.memories[size_t(Memory::kParam)].words();
  target.descriptor_depth = static_cast<int>(program.passes.size());
  const Program tight = compile(model().model, target);
  for (size_t m = 0; m < kMemories; ++m) EXPECT_EQ(tight.memories[m].data, program.memories[m].data);
}

TEST(Compile, RefusesInputsThatTheAcceleratorCannotTake) {
  const Target target = load_target("grid-4x4x1");
  const auto refusal = [&](Shape input) {
    ir::integer::Graph graph = model().model;
    graph.spec.input = input;
    auto& stem = ir::integer::part<Conv>(graph, graph.ops.front().name);
    stem.zero.assign(size_t(input.c), 1);
    stem.weight.assign(9 * size_t(input.c) * size_t(stem.out), 0);
    return error_of([&] { compile(graph, target, "m"); });
  };
  EXPECT_TRUE(says(refusal({8, 8, 2}), "m: ", "input", "2 channels"));
  EXPECT_TRUE(says(refusal({1, 8, 1}), "m: ", "input", "1x8"));
  EXPECT_TRUE(says(refusal({8, 1, 3}), "m: ", "input", "8x1"));
  Target wide = target;
  wide.image_pixels = wide.state_words = wide.activation_words = 1 << 18;
  wide.line_words = 1 << 13;
  EXPECT_TRUE(says(
      [&] {
        ir::integer::Graph graph = model().model;
        graph.spec.input.h = 4096;
        graph.spec.input.w = 2;
        return error_of([&] { compile(graph, wide, "m"); });
      }(),
      "m: " + model().model.ops.front().name, "4096x2", "4095"));
}

TEST(Compile, RefusesTimeBiasesThatDoNotFit) {
  const ir::integer::Graph graph = ir::integer::small_model();
  Target target = load_target("grid-4x4x1");
  ASSERT_TRUE(compiles(graph, target));
  target.time_depth = 0;
  EXPECT_TRUE(says(error_of([&] { compile(graph, target, "m"); }), "m: pw1: ", "time"));
  target.time_depth = ir::kBorderClasses;  // a group of the first of two
  EXPECT_TRUE(says(error_of([&] { compile(graph, target, "m"); }), "m: pw2: ", "18 time_depth", "has 9"));
  target.time_depth = 2 * ir::kBorderClasses;
  EXPECT_TRUE(compiles(graph, target));
}

// --- targets

TEST(Targets, ShippedOnesAreSound) {
  EXPECT_GE(target_names().size(), 4U);
  for (const std::string& name : target_names()) EXPECT_EQ(load_target(name).name, name);
}

TEST(Targets, AreRefusedByTheFieldThatTheHardwareCannotHave) {
  struct Bad {
    const char* name;
    int Target::*field;
    std::vector<int> values;
  };
  std::vector<Bad> all{{"pc", &Target::pc, {-4, 0, 3, 128}},
                       {"pk", &Target::pk, {0, 2, 12, 256}},
                       {"pp", &Target::pp, {0, 3, 16}},
                       {"lanes", &Target::lanes, {0, 2, 5, 8}},
                       {"clock_mhz", &Target::clock_mhz, {0, -1}},
                       {"replay_words", &Target::replay_words, {8, 32, 65, 2048}}};
  for (const auto& [name, field] : kLimits) all.push_back({name, field, {-1, 0, 1, (1 << 20) + 1}});
  for (const auto& [name, field, values] : all)
    for (const int value : values) {
      Target target = load_target("grid-4x4x1");
      target.*field = value;
      if (field == &Target::groups && value > target.groups) continue;
      const std::string error = error_of([&] { target.check("t.toml"); });
      if (field == &Target::pc || field == &Target::pk) {
        EXPECT_TRUE(says(error, "t.toml: ", " = ")) << name;  // or of lanes, which lie between
        continue;
      }
      if (field == &Target::groups && value > 32) continue;
      EXPECT_TRUE(says(error, fmt::format("t.toml: {} = {}: ", name, value))) << name;
    }
}

TEST(Targets, ThatAreUnknownOrUnreadableAreNamed) {
  EXPECT_TRUE(says(error_of([] { load_target("grid-5x5"); }), "--target grid-5x5", "grid-4x4x1", "zcu104"));
  const TempDir dir;
  const auto file = [&](const std::string& text) {
    write_file(dir.path() / "target.toml", text);
    return error_of([&] { load_target(dir.path() / "target.toml"); });
  };
  EXPECT_TRUE(says(file("pc = \n"), "target.toml"));
  EXPECT_TRUE(says(file("pc = \"four\"\n"), "target.toml", "pc"));
  EXPECT_TRUE(says(file("rows = 4\n"), "target.toml", "rows"));
  EXPECT_TRUE(says(file("pk = 5\n"), "target.toml", "pk = 5"));
}

// --- packets and descriptors

// Bit by bit, as the polynomial is written down.
uint32_t slow_crc(std::span<const uint32_t> beats) {
  uint32_t crc = ~0U;
  for (const uint32_t beat : beats)
    for (int bit = 0; bit < 32; ++bit) {
      const bool out = (crc ^ beat >> bit) & 1;
      crc = crc >> 1 ^ (out ? 0xedb88320U : 0U);
    }
  return ~crc;
}

TEST(Packet, EndsInTheCrcOfWhatItHolds) {
  const std::vector<uint32_t>& packet = model().packet;
  EXPECT_EQ(packet.back(), slow_crc(std::span(packet).first(packet.size() - 1)));
  EXPECT_EQ(packet[0], kMagic);
  EXPECT_EQ(packet[1], packet.size());
}

TEST(Packet, OfAnImageHasTheFirstPixelLowest) {
  const std::vector<uint8_t> pixels{1, 2, 3, 4, 5};
  EXPECT_EQ(image_packet(pixels), (std::vector<uint32_t>{0x04030201, 0x00000005}));
}

// The generated structure has its last field lowest.
TEST(DescriptorLayout, IsThatOfTheGeneratedStructure) {
  const std::string text = config_package(load_target("grid-4x4x1"));
  const size_t begin = text.find("struct packed {"), end = text.find("} desc_t;");
  ASSERT_LT(begin, end);
  std::vector<std::pair<std::string, int>> fields;  // from the lowest
  const std::string body = text.substr(begin, end - begin);
  for (size_t at = body.find("logic ["); at != std::string::npos; at = body.find("logic [", at + 1)) {
    const size_t close = body.find(']', at), stop = body.find(';', at);
    fields.insert(fields.begin(),
                  {body.substr(close + 2, stop - close - 2), std::stoi(body.substr(at + 7)) + 1});
  }
  int at = 0;
  for (const auto& [name, bits] : fields) {
    if (name != "reserved") {
      Descriptor d;
      visit_fields(d, [](const char*, int, uint32_t& value) { value = 0; });
      uint32_t wanted = 0;
      // Clang 14 captures no structured binding by reference.
      visit_fields(d, [&, &name = name, bits = bits](const char* field, int width, uint32_t& value) {
        if (name != field) return;
        EXPECT_EQ(width, bits) << name;
        wanted = value = (uint32_t{1} << (width - 1)) + (width > 1 ? 1 : 0);
      });
      ASSERT_NE(wanted, 0U) << name;
      const std::vector<uint32_t> parts = pack(d);
      for (int bit = 0; bit < 32 * kDescriptorParts; ++bit) {
        const bool found = parts[size_t(bit / 32)] >> bit % 32 & 1;
        EXPECT_EQ(found, bit >= at && bit < at + bits && (wanted >> (bit - at) & 1))
            << name << " bit " << bit;
      }
    }
    at += bits;
  }
  EXPECT_EQ(at, 32 * kDescriptorParts);
}

}  // namespace
}  // namespace dsode::accel
