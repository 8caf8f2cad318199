// The transport to an accelerator in an FPGA, beside an AXI DMA, under Linux: registers by UIO, packets
// through two buffers of u-dma-buf. fpga/zcu104/ builds such hardware.
#pragma once

#include "accel/axi_dma.h"
#include "accel/transport.h"
#include "accel/uio.h"

namespace dsode::accel {

// What the four devices are called: a name as the overlay fpga/zcu104/dsode.dtso gives it, or uioN, udmabufN.
struct UioDevices {
  std::string accelerator = "dsode", dma = "dsode-dma", in = "udmabuf-dsode-in", out = "udmabuf-dsode-out";
};

// "uio", or "uio:" and some of accelerator=NAME,dma=NAME,in=NAME,out=NAME. Throws bad_input naming the piece.
UioDevices parse_uio(const std::string& text);

class UioTransport : public Transport {
 public:
  UioTransport(std::unique_ptr<RegisterWindow> accelerator, std::unique_ptr<RegisterWindow> dma, DmaBuffer in,
               DmaBuffer out);
  ~UioTransport() override;

  // Reads what `parse_uio` takes. Throws bad_input naming the device that is not there.
  static std::unique_ptr<UioTransport> open(const std::string& device,
                                            const std::filesystem::path& root = "/");

  // An address without a register, which no Reg is, would end the process: the processor makes an exception
  // of the bus's error.
  uint32_t read(Reg reg) override;
  void write(Reg reg, uint32_t value) override;
  // There is one buffer: a second packet waits until the first is taken.
  void send(std::span<const uint32_t> beats) override;
  std::vector<uint32_t> receive() override;
  void wait() override;
  // Resets the DMA.
  void discard() override;

 private:
  bool raised(uint32_t interrupts) { return (read(Reg::kIrqStatus) & interrupts) != 0; }

  std::unique_ptr<RegisterWindow> accelerator_, dma_registers_;
  AxiDma dma_;
  DmaBuffer in_, out_;
};

}  // namespace dsode::accel
