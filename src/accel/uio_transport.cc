#include "accel/uio_transport.h"

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "base/interrupt.h"

namespace dsode::accel {

namespace {

using Clock = std::chrono::steady_clock;

// What was written before is in memory before what is written after it reaches a device, and likewise reads.
void barrier() {
#ifdef __aarch64__
  asm volatile("dsb sy" ::: "memory");
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

// Throws where something takes longer than any image.
class Patience {
 public:
  explicit Patience(const char* what) : what_(what) {}
  void check() const {
    throw_if_interrupted();
    if (Clock::now() - start_ > kMost)
      throw failed(fmt::format("accelerator: {} for {} seconds", what_, kMost.count()),
                   "load the bitstream again, and run `dsodenet selftest --device uio`");
  }

 private:
  static constexpr std::chrono::seconds kMost{10};
  const char* what_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

UioDevices parse_uio(const std::string& text) {
  UioDevices devices;
  const std::pair<std::string, std::string*> keys[] = {{"accelerator", &devices.accelerator},
                                                       {"dma", &devices.dma},
                                                       {"in", &devices.in},
                                                       {"out", &devices.out}};
  constexpr const char* kForm = "uio, or uio:accelerator=uio4,dma=uio5,in=udmabuf0,out=udmabuf1";
  if (text != "uio" && !text.starts_with("uio:"))
    throw bad_input(fmt::format("--device {}: not a device", text), fmt::format("give sim, {}", kForm));
  for (size_t begin = 4; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string piece = text.substr(begin, end - begin);
    const size_t equals = piece.find('=');
    const auto* key = std::ranges::find(keys, piece.substr(0, equals), [](const auto& k) { return k.first; });
    // A name is a file's in /dev and in /sys.
    if (key == std::end(keys) || equals == std::string::npos || equals + 1 == piece.size() ||
        piece.find('/') != std::string::npos)
      throw bad_input(fmt::format("--device: '{}' names no device", piece), fmt::format("give {}", kForm));
    *key->second = piece.substr(equals + 1);
    begin = end + 1;
  }
  return devices;
}

UioTransport::UioTransport(std::unique_ptr<RegisterWindow> accelerator, std::unique_ptr<RegisterWindow> dma,
                           DmaBuffer in, DmaBuffer out)
    : accelerator_(std::move(accelerator)),
      dma_registers_(std::move(dma)),
      dma_(*dma_registers_),
      in_(std::move(in)),
      out_(std::move(out)) {}

UioTransport::~UioTransport() {
  try {
    dma_.reset();  // it must not write into memory that may soon be another's
  } catch (const Error&) {
  }
}

std::unique_ptr<UioTransport> UioTransport::open(const std::string& device,
                                                 const std::filesystem::path& root) {
  constexpr size_t kRegisterBytes = 0x40;
  const UioDevices devices = parse_uio(device);
  auto accelerator = std::make_unique<UioWindow>(root, devices.accelerator, kRegisterBytes);
  auto dma = std::make_unique<UioWindow>(root, devices.dma, AxiDma::kWindowBytes);
  return std::make_unique<UioTransport>(std::move(accelerator), std::move(dma),
                                        open_dma_buffer(root, devices.in),
                                        open_dma_buffer(root, devices.out));
}

uint32_t UioTransport::read(Reg reg) { return accelerator_->read(uint32_t(reg)); }

void UioTransport::write(Reg reg, uint32_t value) { accelerator_->write(uint32_t(reg), value); }

void UioTransport::send(std::span<const uint32_t> beats) {
  const size_t bytes = 4 * beats.size(), room = std::min(in_.bytes, AxiDma::kMostBytes);
  DSODE_CHECK(bytes > 0);
  if (bytes > room)
    throw failed(fmt::format("{}: a packet of {} bytes, and a buffer of {}", in_.device, bytes, room),
                 "enlarge its size in the overlay fpga/zcu104/dsode.dtso");
  // It takes microseconds, less than an interrupt, so nothing sleeps here.
  for (const Patience patience("it takes nothing"); dma_.sending(); patience.check())
    if (raised(kIrqError)) return;  // receive() says so
  for (size_t i = 0; i < beats.size(); ++i) in_.words.get()[i] = beats[i];
  barrier();
  dma_.send(in_.address, bytes);
}

std::vector<uint32_t> UioTransport::receive() {
  // How soon an error is seen, which does not end the DMA's wait.
  constexpr std::chrono::milliseconds kGlance{10};
  if (!dma_.expecting()) dma_.receive(out_.address, std::min(out_.bytes, AxiDma::kMostBytes) / 4 * 4);
  for (const Patience patience("no result"); dma_.receiving(); patience.check()) {
    if (raised(kIrqError)) return {};
    dma_.wait(kGlance);
  }
  barrier();
  const volatile uint32_t* words = out_.words.get();
  return {words, words + std::min(dma_.received_bytes(), out_.bytes) / 4};
}

void UioTransport::wait() {
  // The DMA's last beats may be on their way when it is idle.
  for (const Patience patience("it takes nothing");
       dma_.sending() || read(Reg::kStatus) & (kLoading | kReceiving); patience.check())
    if (raised(kIrqDone | kIrqError)) return;
}

void UioTransport::discard() { dma_.reset(); }

}  // namespace dsode::accel
