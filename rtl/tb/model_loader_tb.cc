#include <zlib.h>

#include "Vmodel_loader.h"
#include "accel/config_package.h"
#include "accel/program.h"
#include "accel/registers.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

using accel::Memory;
using Packet = std::vector<uint32_t>;
constexpr size_t kHeader = 6;

const accel::Target& target() {
  static const accel::Target target = accel::load_target("grid-4x4x1");
  return target;
}

void seal(Packet& packet) {
  const auto* bytes = reinterpret_cast<const Bytef*>(packet.data());
  packet.back() = static_cast<uint32_t>(crc32_z(0, bytes, 4 * packet.size() - 4));
}

Packet make_packet(Random& random) {
  const auto pixels = static_cast<uint32_t>(random.value(1, target().image_pixels));
  const bool colour = random.one_in(2);
  Packet packet{accel::kMagic,
                0,
                accel::fingerprint(target()),
                pixels | colour << 24,
                (pixels * (colour ? 3 : 1) + 3) / 4,
                static_cast<uint32_t>(random.value(1, target().score_words * target().lanes))};
  for (uint64_t sections = 1 + random.below(5); sections > 0; --sections) {
    const auto memory = static_cast<Memory>(random.below(accel::kMemories));
    const auto depth = static_cast<uint64_t>(accel::depth_of(memory, target()));
    const uint64_t words = 1 + random.below(3);
    packet.push_back(static_cast<uint32_t>(uint64_t(memory) << 28 | words));
    packet.push_back(static_cast<uint32_t>(random.value(0, int64_t(depth - words))));
    for (uint64_t i = 0; i < words * uint64_t(accel::parts_of(memory, target())); ++i)
      packet.push_back(static_cast<uint32_t>(random.bits(32)));
  }
  packet.push_back(0);
  packet[1] = static_cast<uint32_t>(packet.size());
  seal(packet);
  return packet;
}

// What a packet amounts to.
struct Verdict {
  std::vector<uint64_t> loads;  // by beat, 0 where it is none
  bool length = false, crc = false, header = false;
  bool valid() const { return !length && !crc && !header; }
};

bool header_is_right(const Packet& packet, size_t i) {
  const uint32_t beat = packet[i], pixels = packet[std::min(i, size_t{3})] & 0xfffff;
  switch (i) {
    case 0:
      return beat == accel::kMagic;
    case 1:
      return beat >= 8 && beat < 1U << 28;
    case 2:
      return beat == accel::fingerprint(target());
    case 3:
      return pixels >= 1 && pixels <= uint32_t(target().image_pixels);
    case 4:
      return beat == (pixels * (packet[3] >> 24 & 1 ? 3 : 1) + 3) / 4;
    default:
      return (beat & 0xffff) >= 1 && (beat & 0xffff) <= uint32_t(target().score_words * target().lanes);
  }
}

bool section_is_right(uint32_t head, uint32_t address) {
  const uint32_t memory = head >> 28 & 7, words = head & 0xffff;
  return words > 0 && memory < accel::kMemories &&
         (address & 0xffff) + words <= uint32_t(accel::depth_of(static_cast<Memory>(memory), target()));
}

// The first thing that is wrong decides; if two are in one beat, both are told.
Verdict judge(const Packet& packet) {
  Verdict verdict;
  verdict.loads.resize(packet.size());
  size_t section = kHeader, end = kHeader;  // where a section begins, and the next one
  for (size_t i = 0; i < packet.size(); ++i) {
    const bool tlast = i == packet.size() - 1, due = i >= 2 && i == size_t{packet[1]} - 1;
    if (i >= kHeader && i == end) {
      section = i;
      end = SIZE_MAX;
    }
    const bool between = i >= kHeader && i == section;
    if (i < kHeader) {
      verdict.header = !header_is_right(packet, i);
    } else if (i == section + 1) {
      verdict.header = !section_is_right(packet[section], packet[i]);
      const auto memory = static_cast<Memory>(packet[section] >> 28 & 7);
      if (!verdict.header)
        end = i + 1 + (packet[section] & 0xffff) * size_t(accel::parts_of(memory, target()));
    } else if (!between) {
      const auto memory = static_cast<Memory>(packet[section] >> 28 & 7);
      const size_t at = i - section - 2, parts = size_t(accel::parts_of(memory, target()));
      verdict.loads[i] =
          load_word(memory, at % parts, (packet[section + 1] & 0xffff) + at / parts, packet[i]);
    }
    verdict.length = tlast != due || (due && !between);
    if (due && tlast && between) {
      const auto* bytes = reinterpret_cast<const Bytef*>(packet.data());
      verdict.crc = packet[i] != crc32_z(0, bytes, 4 * i);
    }
    if (!verdict.valid()) break;
  }
  return verdict;
}

void damage(Packet& packet, Random& random) {
  switch (random.below(7)) {
    case 0:
      packet[random.below(packet.size())] ^= 1U << random.below(32);
      break;
    case 1:
      packet.resize(1 + random.below(packet.size() - 1));
      break;
    case 2:
      packet.resize(packet.size() + 1 + random.below(9), 0x5a5a5a5a);
      break;
    case 3:
      packet[1] += static_cast<uint32_t>(random.between(-9, 9));
      break;
    case 4:  // right but for one field
      packet[random.below(std::min(packet.size() - 1, kHeader + 2))] ^= 1U << random.below(32);
      seal(packet);
      break;
    case 5: {  // a section that ends a word behind its memory
      const auto memory = static_cast<Memory>(packet[kHeader] >> 28);
      const uint32_t words = packet[kHeader] & 0xffff;
      packet[kHeader + 1] = static_cast<uint32_t>(accel::depth_of(memory, target())) - words + 1;
      seal(packet);
      break;
    }
    default:
      packet[kHeader + random.below(2)] = static_cast<uint32_t>(random.bits(32));
      break;
  }
}

class Loader {
 public:
  Loader(uint64_t seed, Random& random) : top_(seed), random_(random) {
    top_->start_i = top_->abort_i = top_->tvalid_i = 0;
    top_.reset();
  }

  // The first beats of a packet, or all, and what is said of it.
  void send(const Packet& packet, size_t stop) {
    const Verdict verdict = judge(packet);
    top_->start_i = 1;
    idle();
    top_->start_i = 0;
    valid_ = false;
    int length = 0, crc = 0, header = 0;
    uint64_t load = 0;
    for (size_t i = 0; i < std::min(stop, packet.size());) {
      top_->tvalid_i = !random_.one_in(4);
      top_->tdata_i = packet[i];
      top_->tlast_i = i + 1 == packet.size();
      top_.settle();
      ASSERT_TRUE(top_->busy_o) << i;
      ASSERT_FALSE(top_->valid_o) << i;
      top_.clock();
      load = top_->tvalid_i ? verdict.loads[i] : 0;
      ASSERT_EQ(top_->load_o >> 63, load >> 63) << i;
      if (load) ASSERT_EQ(top_->load_o, load) << i;
      length += top_->length_error_o, crc += top_->crc_error_o, header += top_->header_error_o;
      i += top_->tvalid_i;
    }
    top_->tvalid_i = 0;
    if (stop < packet.size()) return;
    ASSERT_EQ(length, verdict.length);
    ASSERT_EQ(crc, verdict.crc);
    ASSERT_EQ(header, verdict.header);
    valid_ = verdict.valid();
    if (valid_) {
      ASSERT_EQ(top_->image_pixels_o, packet[3] & 0xfffff);
      ASSERT_EQ(top_->image_colour_o, packet[3] >> 24 & 1);
      ASSERT_EQ(top_->image_beats_o, packet[4]);
      ASSERT_EQ(top_->classes_o, packet[5] & 0xffff);
    }
    top_.clock();
    for (uint64_t cycles = random_.below(4); cycles > 0; --cycles) ASSERT_NO_FATAL_FAILURE(idle());
  }

  // Loses a model that is on its way; a reset, one that is there too.
  void end(bool reset) {
    if (reset) {
      top_.reset();
      valid_ = false;
    } else {
      top_->abort_i = 1;
      top_.clock();
      top_->abort_i = 0;
    }
    idle();
  }

 private:
  // Beats that are not for it change nothing.
  void idle() {
    top_->tdata_i = static_cast<uint32_t>(random_.bits(32));
    top_.settle();
    ASSERT_FALSE(top_->busy_o || top_->length_error_o || top_->crc_error_o || top_->header_error_o);
    ASSERT_EQ(top_->valid_o, valid_);
    ASSERT_FALSE(top_->load_o >> 63);
    top_.clock();
  }

  Module<Vmodel_loader> top_;
  Random& random_;
  bool valid_ = false;
};

TEST(ModelLoader, JudgesEveryPacketAndLoadsItsWords) {
  for_seeds(60, [](uint64_t seed, Random& random) {
    Loader loader(seed, random);
    for (int i = 0; i < 30; ++i) {
      SCOPED_TRACE("packet " + std::to_string(i));
      Packet packet = make_packet(random);
      if (random.one_in(2)) damage(packet, random);
      const bool cut = random.one_in(8);
      ASSERT_NO_FATAL_FAILURE(loader.send(packet, cut ? random.below(packet.size()) : SIZE_MAX));
      if (cut || random.one_in(4)) ASSERT_NO_FATAL_FAILURE(loader.end(random.one_in(2)));
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
