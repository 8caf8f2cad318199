#include "accel/axi_dma.h"

#include <string>

#include "base/error.h"

namespace dsode::accel {

namespace {

// Of a channel.
constexpr uint32_t kControl = 0x00, kStatus = 0x04, kAddress = 0x18, kLength = 0x28;
// Of its control.
constexpr uint32_t kRun = 1, kReset = 1 << 2, kInterrupts = 1 << 12 | 1 << 14;  // done, error
// Of its status.
constexpr uint32_t kHalted = 1, kIdle = 1 << 1, kScatterGather = 1 << 3, kRaised = 7 << 12;

struct Fault {
  uint32_t bit;
  const char* text;
};
constexpr Fault kFaults[] = {
    {1 << 4, "a packet longer than its buffer, or a length of 0"},
    {1 << 5, "the memory answered with an error"},
    {1 << 6, "no memory at that address"},
    {kHalted, "it was stopped"},
};

}  // namespace

AxiDma::AxiDma(RegisterWindow& registers) : registers_(registers) {
  reset();
  if (registers_.read(kSend + kStatus) & kScatterGather)
    throw failed("dma: it was built with scatter-gather", "build the bitstream with fpga/zcu104/build.tcl");
}

void AxiDma::reset() {
  constexpr int kTries = 100'000;  // it waits for the memory's outstanding answers: microseconds
  sending_ = receiving_ = false;
  registers_.write(kSend + kControl, kReset);  // of both channels
  for (int i = 0; i < kTries; ++i)
    if (!((registers_.read(kSend + kControl) | registers_.read(kReceive + kControl)) & kReset)) return;
  throw failed("dma: it does not come out of its reset",
               "check that the bitstream is loaded and its clock runs");
}

void AxiDma::start(uint32_t channel, uint32_t address, size_t bytes) {
  DSODE_CHECK(bytes > 0 && bytes <= kMostBytes && bytes % 4 == 0 && address % 4 == 0, "{} bytes at {:#x}",
              bytes, address);
  registers_.write(channel + kStatus, kRaised);  // raised once, cleared by 1
  registers_.write(channel + kControl, kRun | kInterrupts);
  registers_.write(channel + kAddress, address);
  registers_.write(channel + kLength, static_cast<uint32_t>(bytes));  // last: this starts it
}

void AxiDma::send(uint32_t address, size_t bytes) {
  DSODE_CHECK(!sending_);
  start(kSend, address, bytes);
  sending_ = true;
}

void AxiDma::receive(uint32_t address, size_t bytes) {
  DSODE_CHECK(!receiving_);
  start(kReceive, address, bytes);
  receiving_ = true;
}

// Idle says nothing before the first transfer, so `active` goes with it.
bool AxiDma::busy(bool& active, uint32_t channel) {
  if (!active) return false;
  const uint32_t status = registers_.read(channel + kStatus);
  for (const auto& [bit, text] : kFaults) {
    if (!(status & bit)) continue;
    reset();
    throw failed(
        fmt::format("dma: {}: {} (status {:08x})", channel == kSend ? "sending" : "receiving", text, status),
        "run it again; check the addresses and sizes of the buffers");
  }
  if (!(status & kIdle)) return true;
  registers_.write(channel + kStatus, kRaised);
  return active = false;
}

size_t AxiDma::received_bytes() { return registers_.read(kReceive + kLength); }

}  // namespace dsode::accel
