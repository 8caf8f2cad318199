#include "accel/packet.h"

#include <zlib.h>

#include <algorithm>

#include "accel/config_package.h"
#include "accel/registers.h"

namespace dsode::accel {

std::vector<uint32_t> image_packet(std::span<const uint8_t> pixels) {
  std::vector<uint32_t> beats((pixels.size() + 3) / 4);
  for (size_t i = 0; i < pixels.size(); ++i) beats[i / 4] |= uint32_t{pixels[i]} << i % 4 * 8;
  return beats;
}

std::vector<std::vector<uint32_t>> image_packets(const data::Images& images) {
  std::vector<std::vector<uint32_t>> packets;
  for (int i = 0; i < images.n; ++i) packets.push_back(image_packet(images[i]));
  return packets;
}

std::vector<uint32_t> model_packet(const Program& program) {
  constexpr int kMostWords = 0xffff;  // of a section
  const size_t pixels = static_cast<size_t>(program.input.h) * static_cast<size_t>(program.input.w);
  std::vector<uint32_t> beats{kMagic,
                              0,
                              fingerprint(program.target),
                              static_cast<uint32_t>(pixels) | (program.input.c == 3 ? 1U << 24 : 0U),
                              static_cast<uint32_t>((program.input.size() + 3) / 4),
                              static_cast<uint32_t>(program.classes)};
  for (uint32_t memory = 0; memory < kMemories; ++memory) {
    const Bank& bank = program.memories[memory];
    for (int from = 0; from < bank.words(); from += kMostWords) {
      const int words = std::min(kMostWords, bank.words() - from);
      beats.push_back(memory << 28 | static_cast<uint32_t>(words));
      beats.push_back(static_cast<uint32_t>(from));
      const auto first = bank.data.begin() + int64_t{from} * bank.parts;
      beats.insert(beats.end(), first, first + int64_t{words} * bank.parts);
    }
  }
  beats[1] = static_cast<uint32_t>(beats.size() + 1);
  // The bytes of a beat go lowest first, as they lie in memory here.
  beats.push_back(
      static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(beats.data()), 4 * beats.size())));
  return beats;
}

}  // namespace dsode::accel
