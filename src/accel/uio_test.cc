// Device files stood in for by ordinary ones under a root.
#include "accel/uio.h"

#include <cstring>

#include "base/fixture.h"

namespace dsode::accel {
namespace {

class Uio : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    dir_.write(name, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  void add_uio(const std::string& device, const std::string& name, const std::string& size = "0x1000") const {
    write("sys/class/uio/" + device + "/name", name + "\n");
    write("sys/class/uio/" + device + "/maps/map0/size", size + "\n");
    write("dev/" + device, std::string(4096, '\0'));
  }
  void add_buffer(const std::string& folder, const std::string& address, const std::string& size) const {
    write("sys/class/" + folder + "/phys_addr", address + "\n");
    write("sys/class/" + folder + "/size", size + "\n");
    write("dev/" + folder.substr(folder.find('/') + 1), std::string(8192, '\0'));
  }
  uint32_t word_of(const std::string& name, size_t index) const {
    uint32_t word = 0;
    std::memcpy(&word, read_file(dir_.path() / name).data() + 4 * index, 4);
    return word;
  }
  std::string window_error(const std::string& device) const {
    return error_of([&] { UioWindow(dir_.path(), device, 0x40); });
  }
  std::string buffer_error(const std::string& device) const {
    return error_of([&] { open_dma_buffer(dir_.path(), device); });
  }

  TempDir dir_;
};

TEST_F(Uio, WritesReachTheDeviceFile) {
  add_uio("uio4", "dsode");
  UioWindow window(dir_.path(), "uio4", 0x40);
  window.write(0x0c, 0x12345678);
  EXPECT_EQ(window.read(0x0c), 0x12345678U);
  EXPECT_EQ(word_of("dev/uio4", 3), 0x12345678U);
}

TEST_F(Uio, AWindowIsFoundByTheNameOfItsDevice) {
  add_uio("uio0", "axi-pmon");
  add_uio("uio5", "dsode-dma");
  add_uio("uio6", "a0000000.dsode");  // as older kernels name it
  UioWindow(dir_.path(), "dsode-dma", 0x5c).write(0, 5);
  UioWindow(dir_.path(), "dsode", 0x40).write(0, 6);
  EXPECT_EQ(word_of("dev/uio5", 0), 5U);
  EXPECT_EQ(word_of("dev/uio6", 0), 6U);
}

TEST_F(Uio, WaitingUnmasksTheInterruptByA1) {
  add_uio("uio4", "dsode");
  UioWindow(dir_.path(), "uio4", 0x40).wait(std::chrono::milliseconds(1));
  EXPECT_EQ(word_of("dev/uio4", 0), 1U);
}

TEST_F(Uio, ADeviceThatCannotBeUsedIsNamedWithTheRemedy) {
  add_uio("uio1", "dsode");
  add_uio("uio2", "dsode");
  add_uio("uio3", "small", "0x20");
  add_uio("uio4", "odd", "many");
  add_uio("uio5", "gone");
  std::filesystem::remove(dir_.path() / "dev/uio5");
  EXPECT_TRUE(says(window_error("dsode-dma"), "no device is named dsode-dma", "docs/zcu104.md"));
  EXPECT_TRUE(says(window_error("dsode"), "more than one", "uio:accelerator=uio4"));
  EXPECT_TRUE(says(window_error("small"), "dev/uio3", "32 bytes"));
  EXPECT_TRUE(says(window_error("odd"), "uio4/maps/map0/size", "not a number"));
  EXPECT_TRUE(says(window_error("gone"), "dev/uio5", "cannot open", "overlay"));
}

TEST_F(Uio, ABufferHasTheAddressAndSizeOfSysfs) {
  add_buffer("u-dma-buf/in", "0x0000000070000000", "8192");
  add_buffer("udmabuf/old", "0x71000000", "4096");  // the driver's former class
  const DmaBuffer buffer = open_dma_buffer(dir_.path(), "in");
  EXPECT_EQ(buffer.address, 0x70000000U);
  EXPECT_EQ(buffer.bytes, 8192U);
  buffer.words.get()[2047] = 9;
  EXPECT_EQ(word_of("dev/in", 2047), 9U);
  EXPECT_EQ(open_dma_buffer(dir_.path(), "old").address, 0x71000000U);
}

TEST_F(Uio, ABufferThatCannotBeUsedIsNamedWithTheRemedy) {
  add_buffer("u-dma-buf/high", "0x100000000", "4096");
  add_buffer("u-dma-buf/end", "0xfffff000", "8192");
  add_buffer("u-dma-buf/empty", "0x70000000", "0");
  EXPECT_TRUE(says(buffer_error("none"), "no buffer none", "u-dma-buf"));
  EXPECT_TRUE(says(buffer_error("high"), "0x100000000", "below 4 GiB"));
  EXPECT_TRUE(says(buffer_error("end"), "u-dma-buf/end"));
  EXPECT_TRUE(says(buffer_error("empty"), "0 bytes"));
}

}  // namespace
}  // namespace dsode::accel
