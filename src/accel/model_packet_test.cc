// Models on their way into the accelerator: what is damaged is found, and the next one is taken.
#include "accel/protocol_fixture.h"
#include "base/rng.h"

namespace dsode::accel {
namespace {

constexpr size_t kHeader = 6, kSection = 2;  // beats

class ModelPacket : public Bench {
 protected:
  // The packet ends in `error`; no model is there, and a good one is taken.
  void expect_refused(std::span<const uint32_t> packet, uint32_t error, const std::string& what) {
    SCOPED_TRACE(what);
    EXPECT_EQ(load(packet), error);
    expect_no_model();
  }

  // Places of the sections' headers in the small model's packet.
  static std::vector<size_t> sections() {
    const Case& model = small();
    std::vector<size_t> places;
    for (size_t at = kHeader; at + 1 < model.packet.size();) {
      places.push_back(at);
      const auto memory = static_cast<Memory>(model.packet[at] >> 28);
      at += kSection + (model.packet[at] & 0xffff) * unsigned(parts_of(memory, target()));
    }
    return places;
  }
};

TEST_F(ModelPacket, ThatEndsEarlyIsRefused) {
  const std::vector<uint32_t>& packet = small().packet;
  std::vector<size_t> sizes{1, 2, 3, 4, 5, kHeader, packet.size() / 2, packet.size() - 2, packet.size() - 1};
  for (const size_t section : sections())
    for (const size_t beats : {size_t{0}, size_t{1}, kSection, kSection + 1})
      sizes.push_back(section + beats);
  for (const size_t size : sizes)
    expect_refused(std::span(packet).first(size), kErrorModelLength, fmt::format("{} beats", size));
  expect_works(small());
}

TEST_F(ModelPacket, ThatEndsLateIsRefused) {
  for (const size_t more : {1U, 2U, 7U, 100U}) {
    std::vector<uint32_t> packet = small().packet;
    packet.resize(packet.size() + more, 0x5a5a5a5a);
    expect_refused(packet, kErrorModelLength, fmt::format("{} more", more));
  }
  expect_works(small());
}

TEST_F(ModelPacket, OfAnotherLengthThanItSaysIsRefused) {
  const auto beats = static_cast<uint32_t>(small().packet.size());
  for (const uint32_t says :
       {beats - 1, beats + 1, beats - 10, beats + 10, beats / 2, 2 * beats, 8U, 9U, 0xfffffffU}) {
    std::vector<uint32_t> packet = small().packet;
    packet[1] = says;
    expect_refused(sealed(packet), kErrorModelLength, fmt::format("says {}", says));
  }
  for (const uint32_t says : {0U, 1U, 7U, 0x1000'0000U | beats, 0xffff'ffffU}) {
    std::vector<uint32_t> packet = small().packet;
    packet[1] = says;
    EXPECT_TRUE(load(sealed(packet)) & kErrorModelHeader) << says;
    expect_no_model();
  }
  expect_works(small());
}

TEST_F(ModelPacket, CutWhereItSaysIsRefused) {
  const size_t words = sections()[1] + kSection;
  for (const size_t size : {words + 1, words + 2, words + 3}) {
    std::vector<uint32_t> packet(small().packet.begin(), small().packet.begin() + int64_t(size));
    packet[1] = static_cast<uint32_t>(size);
    expect_refused(sealed(packet), kErrorModelLength, fmt::format("{} beats", size));
  }
  expect_works(small());
}

TEST_F(ModelPacket, WithAnyBitTurnedIsRefused) {
  const std::vector<uint32_t>& packet = small().packet;
  const std::vector<size_t> headers = sections();
  Rng rng(5, Stream::kSample);
  constexpr int kTries = 60;
  for (int i = 0; i < kTries; ++i) {
    // The first beats and the last ones each once, then any.
    const size_t at = i < 12   ? unsigned(i)
                      : i < 16 ? packet.size() - 1 - unsigned(i - 12)
                               : rng.below(packet.size());
    const auto bit = static_cast<uint32_t>(rng.below(32));
    std::vector<uint32_t> damaged = packet;
    damaged[at] ^= 1U << bit;
    SCOPED_TRACE(fmt::format("beat {} bit {}", at, bit));
    const uint32_t found = load(damaged);
    const bool in_header =
        at < kHeader || std::ranges::any_of(headers, [&](size_t h) { return at == h || at == h + 1; });
    if (in_header)
      EXPECT_TRUE(found & (kErrorModelLength | kErrorModelCrc | kErrorModelHeader));
    else
      EXPECT_EQ(found, kErrorModelCrc);
    expect_no_model();
  }
  expect_works(small());
}

TEST_F(ModelPacket, ForAnotherTargetOrNoModelIsRefused) {
  const std::vector<uint32_t>& good = small().packet;
  const std::vector<size_t> at = sections();
  const auto depth = [&](Memory memory) { return static_cast<uint32_t>(depth_of(memory, target())); };
  const auto words = [&](size_t section) { return good[at[section]] & 0xffff; };
  struct Change {
    const char* what;
    size_t beat;
    uint32_t value;
  };
  for (const auto& [what, beat, value] : std::initializer_list<Change>{
           {"magic", 0, kMagic + 1},
           {"fingerprint", 2, good[2] ^ 0x80},
           {"no pixels", 3, 0},
           {"too many pixels", 3, unsigned(target().image_pixels) + 1},
           {"no beats", 4, 0},
           {"fewer beats than pixels", 4, good[4] - 1},
           {"more beats than pixels", 4, good[4] + 1},
           {"no classes", 5, 0},
           {"too many classes", 5, unsigned(target().score_words * target().lanes) + 1},
           {"memory 6", at[0], 6U << 28 | words(0)},
           {"memory 7", at[2], 7U << 28 | words(2)},
           {"no words", at[1], good[at[1]] & ~0xffffU},
           {"weights past their end", at[0] + 1, depth(Memory::kWeight) - words(0) + 1},
           {"norms past their end", at[1] + 1, depth(Memory::kAffine) - words(1) + 1},
           {"filters past their end", at[2] + 1, depth(Memory::kDepthwise) - words(2) + 1},
           {"biases past their end", at[3] + 1, depth(Memory::kParam) - words(3) + 1},
           {"descriptors past their end", at[4] + 1, depth(Memory::kDescriptor) - words(4) + 1},
           {"address 65535", at[1] + 1, 0xffff}}) {
    std::vector<uint32_t> packet = good;
    packet[beat] = value;
    expect_refused(sealed(packet), kErrorModelHeader, what);
  }
  expect_works(small());
}

TEST_F(ModelPacket, MayComeInPiecesAndWithStalls) {
  simulation->stall(0.5);
  control(kLoad);
  simulation->send(std::span(small().packet).first(100), false);
  simulation->wait();
  simulation->idle(500);
  EXPECT_EQ(status(), kLoading);
  simulation->send(std::span(small().packet).subspan(100), true);
  simulation->wait();
  EXPECT_EQ(status(), kModelValid);
  expect_runs(small());
}

TEST_F(ModelPacket, SmallerOrLargerReplacesTheOneBefore) {
  for (const Case* model : {&small(), &large(), &small(), &large()}) expect_works(*model);
}

TEST_F(ModelPacket, WithOtherWeightsOfTheSameShapeReplacesTheOneBefore) {
  ir::integer::Graph adapted = small().model;
  ir::for_each_op(adapted.ops, adapted.spec.input, [](ir::integer::Op& op, Shape) {
    if (auto* conv = std::get_if<ir::integer::Conv>(&op.what))
      for (int8_t& weight : conv->weight) weight = static_cast<int8_t>(weight / 2);
    if (auto* linear = std::get_if<ir::integer::Linear>(&op.what))
      for (int8_t& weight : linear->weight) weight = static_cast<int8_t>(weight / 2);
  });
  const data::Images images = quant::make_vector(small().seed).images;
  const Case other = make_case(adapted, images, target());
  ASSERT_EQ(other.packet.size(), small().packet.size());
  ASSERT_NE(other.scores, small().scores);
  for (const Case* model : {&small(), &other, &small()}) expect_works(*model);
}

// The field of the packet's pass `pass`, changed.
template <class Change>
std::vector<uint32_t> with_descriptor(const Case& model, size_t pass, Change&& change) {
  Program program = model.program;
  Descriptor& descriptor = program.passes[pass].descriptor;
  change(descriptor);
  const std::vector<uint32_t> parts = pack(descriptor);
  Bank& bank = program.memories[static_cast<size_t>(Memory::kDescriptor)];
  std::ranges::copy(parts, bank.data.begin() + int64_t(pass) * bank.parts);
  return model_packet(program);
}

struct Mutation {
  const char* what;
  void (*change)(Descriptor& d);
};

constexpr Mutation kMutations[] = {
    {"source 3", [](Descriptor& d) { d.src = 3; }},
    {"window 3", [](Descriptor& d) { d.window = 3; }},
    {"no groups in", [](Descriptor& d) { d.groups_in = 0; }},
    {"no groups out", [](Descriptor& d) { d.groups_out = 0; }},
    {"33 groups in", [](Descriptor& d) { d.groups_in = 33; }},
    {"255 groups out", [](Descriptor& d) { d.groups_out = 255; }},
    {"no channel tiles", [](Descriptor& d) { d.channel_tiles = 0; }},
    {"no column tiles", [](Descriptor& d) { d.column_tiles = 0; }},
    {"no pixels", [](Descriptor& d) { d.pixels = 0; }},
    {"no pixels out", [](Descriptor& d) { d.pixels_out = 0; }},
    {"norm's shift 45", [](Descriptor& d) { d.affine_shift = 45; }},
    {"filter's shift 40", [](Descriptor& d) { d.depthwise_shift = 40; }},
    {"result's shift 63", [](Descriptor& d) { d.param_shift = 63; }},
};

TEST_F(ModelPacket, WithADescriptorThatNoCompilerWritesEndsTheRun) {
  const Case& model = small();
  const size_t passes = model.program.passes.size();
  for (const auto& [what, change] : kMutations)
    for (const size_t pass : {size_t{0}, passes / 2, passes - 1}) {
      SCOPED_TRACE(fmt::format("{} in pass {}", what, pass));
      EXPECT_EQ(load(with_descriptor(model, pass, change)), 0U);
      start(2);
      for (int i = 0; i < 2; ++i) simulation->send(model.images[unsigned(i)]);
      simulation->wait();
      simulation->idle(20'000);
      EXPECT_EQ(errors(), kErrorDescriptor);
      EXPECT_EQ(status(), kModelValid);
      simulation->discard();
    }
  expect_works(model);
}

TEST_F(ModelPacket, WithMapsNarrowerThanAWindowEndsTheRun) {
  const Case& model = small();
  for (const Mutation& mutation : {Mutation{"width", [](Descriptor& d) { d.width = 1; }},
                                   Mutation{"height", [](Descriptor& d) { d.height = 1; }}}) {
    EXPECT_EQ(load(with_descriptor(model, 1, mutation.change)), 0U);
    start(1);
    simulation->send(model.images[0]);
    simulation->idle(20'000);
    EXPECT_EQ(errors(), kErrorDescriptor) << mutation.what;
    EXPECT_EQ(status(), kModelValid) << mutation.what;
  }
  expect_works(model);
}

// The rest of an image that was coming in when the run ended is not taken for another image.
TEST_F(ModelPacket, WithABadDescriptorEndsTheRunInsideOfAnImage) {
  const Case& model = small();
  const std::vector<uint32_t> bad = with_descriptor(model, 0, [](Descriptor& d) { d.src = 3; });
  for (uint64_t cycles = 0; cycles < 4 * model.images[0].size() + 20; cycles += 3) {
    SCOPED_TRACE(cycles);
    EXPECT_EQ(load(bad), 0U);
    simulation->write(Reg::kImages, 1);
    simulation->send(model.images[0]);
    simulation->idle(cycles);
    control(kStart);
    simulation->wait();
    EXPECT_EQ(errors(), kErrorDescriptor);
    EXPECT_EQ(status(), kModelValid);
  }
  expect_works(model);
}

}  // namespace
}  // namespace dsode::accel
