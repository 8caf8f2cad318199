// The stream that loads a model into the accelerator: a header, sections of memory words, a CRC-32.
#pragma once

#include "accel/program.h"
#include "data/dataset.h"

namespace dsode::accel {

// 32-bit beats: magic, number of beats, fingerprint of the target, pixels of an image (bit 24: coloured),
// beats of an image, classes; for each section of words {memory << 28 | words, first address, the words};
// CRC-32 of all before.
std::vector<uint32_t> model_packet(const Program& program);

// Pixels as the accelerator takes them: four bytes a beat, the first one lowest.
std::vector<uint32_t> image_packet(std::span<const uint8_t> pixels);
std::vector<std::vector<uint32_t>> image_packets(const data::Images& images);

}  // namespace dsode::accel
