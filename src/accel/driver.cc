#include "accel/driver.h"

#include "accel/config_package.h"
#include "base/error.h"

namespace dsode::accel {

uint64_t count_differing(const Scores& scores, const Scores& expected) {
  uint64_t differing = 0;
  for (size_t i = 0; i < expected.size(); ++i)
    for (size_t k = 0; k < expected[i].size(); ++k)
      differing += i >= scores.size() || k >= scores[i].size() || scores[i][k] != expected[i][k];
  return differing;
}

Driver::Driver(Transport& transport, const Target& target) : transport_(transport) {
  if (const uint32_t id = transport.read(Reg::kId); id != kMagic)
    throw failed(fmt::format("accelerator: register Id is {:08x}, not {:08x}", id, kMagic),
                 "load the bitstream: docs/zcu104.md says how");
  if (const uint32_t version = transport.read(Reg::kVersion); version != kVersion)
    throw failed(fmt::format("accelerator: version {}, this program drives {}", version, kVersion),
                 "build both from one release");
  if (const uint32_t found = transport.read(Reg::kFingerprint); found != fingerprint(target))
    throw failed(fmt::format("accelerator: built for another target than {} (fingerprint {:08x}, not {:08x})",
                             target.name, found, fingerprint(target)),
                 "compile the model for the target of the bitstream");
  transport.write(Reg::kIrqEnable, kIrqDone | kIrqError);
}

void Driver::check_errors() {
  const uint32_t errors = transport_.read(Reg::kErrors);
  if (errors == 0) return;
  reset();
  std::string text;
  for (size_t i = 0; i < std::size(kErrorTexts); ++i)
    if (errors >> i & 1) text += fmt::format("{}{}", text.empty() ? "" : "; ", kErrorTexts[i]);
  throw failed("accelerator: " + text, "run it again; `dsodenet selftest` tells whether the hardware works");
}

void Driver::load(std::span<const uint32_t> model_packet) {
  transport_.write(Reg::kControl, kLoad);
  check_errors();
  transport_.send(model_packet);
  transport_.wait();
  check_errors();
  if (!(transport_.read(Reg::kStatus) & kModelValid)) throw failed("accelerator: it did not take the model");
}

Scores Driver::run(const std::vector<std::vector<uint32_t>>& image_packets) {
  constexpr size_t kAhead = 2;  // input buffers
  const size_t n = image_packets.size();
  DSODE_CHECK(n > 0 && n <= 0xffff, "{} images", n);
  transport_.write(Reg::kImages, static_cast<uint32_t>(n));
  transport_.write(Reg::kControl, kStart);
  check_errors();
  Scores scores;
  for (size_t sent = 0; scores.size() < n;) {
    for (; sent < n && sent <= scores.size() + kAhead; ++sent) transport_.send(image_packets[sent]);
    const std::vector<uint32_t> packet = transport_.receive();
    if (packet.empty()) {
      check_errors();
      throw failed("accelerator: an interrupt for an error that it does not name");
    }
    scores.emplace_back(packet.begin(), packet.end());
  }
  check_errors();
  transport_.write(Reg::kIrqStatus, kIrqDone);
  return scores;
}

Counters Driver::counters() {
  return {transport_.read(Reg::kCycles),      transport_.read(Reg::kMultiply),
          transport_.read(Reg::kFrontSource), transport_.read(Reg::kFrontRoom),
          transport_.read(Reg::kBackOperand), transport_.read(Reg::kBackDrain)};
}

void Driver::reset() {
  transport_.discard();  // or the rest of a packet would come in after the reset
  transport_.write(Reg::kControl, kReset);
  transport_.discard();  // of scores that it cut short
  transport_.write(Reg::kErrors, (1U << std::size(kErrorTexts)) - 1);
  transport_.write(Reg::kIrqStatus, kIrqDone | kIrqError);
}

}  // namespace dsode::accel
