// Linux's doors to our hardware: /dev/uioN for registers and their interrupt, /dev/udmabufN (the u-dma-buf
// driver) for memory that the DMA reaches.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "accel/register_window.h"

namespace dsode::accel {

using SharedWords = std::shared_ptr<volatile uint32_t>;  // unmapped with its last copy

// Memory that the processor and the DMA both see, uncached.
struct DmaBuffer {
  std::string device;
  SharedWords words;
  size_t bytes = 0;
  uint32_t address = 0;  // as the DMA sees it
};

// The first map of a UIO device.
class UioWindow : public RegisterWindow {
 public:
  // `device` is uioN or the name that /sys/class/uio/uioN/name has; `root` stands in front of /dev and /sys.
  // Throws bad_input naming the device file that cannot be used, or maps less than `bytes`.
  UioWindow(const std::filesystem::path& root, const std::string& device, size_t bytes);
  ~UioWindow() override;
  UioWindow(const UioWindow&) = delete;

  uint32_t read(uint32_t offset) override;
  void write(uint32_t offset, uint32_t value) override;
  void wait(std::chrono::milliseconds most) override;

 private:
  std::filesystem::path path_;
  size_t bytes_ = 0;
  int file_ = -1;
  SharedWords words_;
};

// Throws bad_input naming the file that is not there or not as u-dma-buf has it.
DmaBuffer open_dma_buffer(const std::filesystem::path& root, const std::string& device);

}  // namespace dsode::accel
