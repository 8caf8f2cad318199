// The registers of one device and its interrupt: mapped from /dev/uioN, or a test's.
#pragma once

#include <chrono>
#include <cstdint>

namespace dsode::accel {

class RegisterWindow {
 public:
  virtual ~RegisterWindow() = default;
  // `offset` in bytes.
  virtual uint32_t read(uint32_t offset) = 0;
  virtual void write(uint32_t offset, uint32_t value) = 0;
  // Unmasks the interrupt and sleeps until it comes, `most` at the longest. It may return for no reason.
  virtual void wait(std::chrono::milliseconds most) = 0;
};

}  // namespace dsode::accel
