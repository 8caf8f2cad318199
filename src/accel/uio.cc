#include "accel/uio.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace dsode::accel {

namespace {

namespace fs = std::filesystem;

constexpr const char* kLoadOverlay =
    "load the bitstream and its device-tree overlay: docs/zcu104.md says how";

int open_device(const fs::path& path) {
  const int file = open(path.c_str(), O_RDWR | O_SYNC | O_CLOEXEC);
  if (file < 0)
    throw bad_input(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)),
                    errno == EACCES || errno == EPERM
                        ? "run it as root, or let a udev rule give you the device"
                        : kLoadOverlay);
  return file;
}

SharedWords map_words(int file, const fs::path& path, size_t bytes) {
  void* words = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (words == MAP_FAILED)
    throw bad_input(fmt::format("{}: cannot map {} bytes: {}", path.string(), bytes, std::strerror(errno)),
                    kLoadOverlay);
  return {static_cast<volatile uint32_t*>(words),
          [bytes](volatile uint32_t* p) { munmap(const_cast<uint32_t*>(p), bytes); }};
}

// A file of sysfs that holds one number, 0x in front of it where it is hexadecimal.
uint64_t read_number(const fs::path& path) {
  const std::string text = read_text(path);
  const bool hex = text.starts_with("0x");
  const char* end = text.data() + std::min(text.find_last_not_of(" \n") + 1, text.size());
  uint64_t value = 0;
  const auto [stopped, error] = std::from_chars(text.data() + (hex ? 2 : 0), end, value, hex ? 16 : 10);
  if (error != std::errc() || stopped != end)
    throw bad_input(fmt::format("{}: is not a number", path.string()), kLoadOverlay);
  return value;
}

// The first line of a file; empty where there is none.
std::string read_name(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return "";
  const std::string text = read_text(path);
  return text.substr(0, text.find('\n'));
}

// The uioN that `device` means. Older kernels put the address and a dot in front of a node's name.
std::string find_uio(const fs::path& folder, const std::string& device) {
  std::error_code ignored;
  if (fs::exists(folder / device, ignored)) return device;
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = read_name(entry.path() / "name");
    if (name == device || name.ends_with("." + device)) found.push_back(entry.path().filename());
  }
  if (found.empty())
    throw bad_input(fmt::format("{}: no device is named {}", folder.string(), device), kLoadOverlay);
  if (found.size() > 1)
    throw bad_input(fmt::format("{}: more than one device is named {}", folder.string(), device),
                    "name the one you mean, such as --device uio:accelerator=uio4");
  return found.front();
}

}  // namespace

UioWindow::UioWindow(const fs::path& root, const std::string& device, size_t bytes) {
  const fs::path folder = root / "sys/class/uio";
  const std::string found = find_uio(folder, device);
  path_ = root / "dev" / found;
  bytes_ = read_number(folder / found / "maps/map0/size");
  if (bytes_ < bytes)
    throw bad_input(fmt::format("{}: maps {} bytes, not {}", path_.string(), bytes_, bytes), kLoadOverlay);
  file_ = open_device(path_);
  try {
    words_ = map_words(file_, path_, bytes_);
  } catch (...) {
    close(file_);
    throw;
  }
}

UioWindow::~UioWindow() { close(file_); }

uint32_t UioWindow::read(uint32_t offset) {
  DSODE_CHECK(offset % 4 == 0 && offset + 4 <= bytes_, "offset {:#x}", offset);
  return words_.get()[offset / 4];
}

void UioWindow::write(uint32_t offset, uint32_t value) {
  DSODE_CHECK(offset % 4 == 0 && offset + 4 <= bytes_, "offset {:#x}", offset);
  words_.get()[offset / 4] = value;
}

void UioWindow::wait(std::chrono::milliseconds most) {
  // The kernel masks the interrupt each time it comes; 1 unmasks it. It is a level: one that is up comes
  // again.
  const int32_t unmask = 1;
  if (::write(file_, &unmask, sizeof unmask) != sizeof unmask)
    throw failed(fmt::format("{}: cannot unmask its interrupt: {}", path_.string(), std::strerror(errno)),
                 "the overlay must give the device an interrupt: fpga/zcu104/dsode.dtso");
  pollfd wanted{.fd = file_, .events = POLLIN, .revents = 0};
  if (poll(&wanted, 1, static_cast<int>(most.count())) <= 0) return;  // time is up, or Ctrl-C
  int32_t count = 0;
  if (::read(file_, &count, sizeof count) != sizeof count && errno != EINTR)
    throw failed(fmt::format("{}: cannot wait for its interrupt: {}", path_.string(), std::strerror(errno)));
}

DmaBuffer open_dma_buffer(const fs::path& root, const std::string& device) {
  fs::path folder = root / "sys/class/u-dma-buf" / device;
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) folder = root / "sys/class/udmabuf" / device;  // before version 3
  if (!fs::exists(folder, ignored))
    throw bad_input(fmt::format("/sys/class/u-dma-buf: no buffer {}", device),
                    "load the module u-dma-buf and the overlay: docs/zcu104.md says how");
  const uint64_t address = read_number(folder / "phys_addr"), bytes = read_number(folder / "size");
  if (bytes == 0 || address % 4 != 0 || address + bytes > uint64_t{1} << 32)
    throw bad_input(
        fmt::format("{}: {} bytes at {:#x}: the DMA has 32 bits of address", folder.string(), bytes, address),
        "reserve memory for it below 4 GiB");
  const fs::path path = root / "dev" / device;
  const int file = open_device(path);
  DmaBuffer buffer{.device = device, .words = {}, .bytes = bytes, .address = static_cast<uint32_t>(address)};
  try {
    buffer.words = map_words(file, path, bytes);
  } catch (...) {
    close(file);
    throw;
  }
  close(file);  // the map stays
  return buffer;
}

}  // namespace dsode::accel
