// AMD's AXI DMA in direct register mode (PG021): one transfer at a time each way, no scatter-gather.
#pragma once

#include <cstddef>

#include "accel/register_window.h"

namespace dsode::accel {

class AxiDma {
 public:
  static constexpr size_t kWindowBytes = 0x5c;
  static constexpr size_t kMostBytes = (size_t{1} << 26) - 1;  // of a transfer: c_sg_length_width is 26

  // Resets it. Throws failed where it was built with scatter-gather.
  explicit AxiDma(RegisterWindow& registers);

  // Stops what is on its way; the stream is cut where it is. Throws failed where it never leaves the reset.
  void reset();
  // Memory to stream. The bytes at `address` stay as they are until sending() is false.
  void send(uint32_t address, size_t bytes);
  // Stream to memory: one packet of at most `bytes`.
  void receive(uint32_t address, size_t bytes);
  // Whether that transfer is on its way. Throws failed naming what went wrong, after a reset.
  bool sending() { return busy(sending_, kSend); }
  bool receiving() { return busy(receiving_, kReceive); }
  // Whether receive() has been called and its end not been seen.
  bool expecting() const { return receiving_; }
  // Of the packet that receive() got.
  size_t received_bytes();
  // Until a packet has come, or `most` has passed.
  void wait(std::chrono::milliseconds most) { registers_.wait(most); }

 private:
  static constexpr uint32_t kSend = 0x00, kReceive = 0x30;  // the channels' registers

  void start(uint32_t channel, uint32_t address, size_t bytes);
  bool busy(bool& active, uint32_t channel);

  RegisterWindow& registers_;
  bool sending_ = false, receiving_ = false;
};

}  // namespace dsode::accel
