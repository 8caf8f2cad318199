// The DMA's registers in the order that PG021 asks for, and its errors.
#include "accel/axi_dma.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "base/error.h"

namespace dsode::accel {
namespace {

using Write = std::pair<uint32_t, uint32_t>;

// Answers reads of an offset with what is scripted for it, the last answer for ever; keeps the writes.
class Scripted : public RegisterWindow {
 public:
  uint32_t read(uint32_t offset) override {
    std::deque<uint32_t>& answers = script[offset];
    if (answers.empty()) return 0;
    const uint32_t answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return answer;
  }
  void write(uint32_t offset, uint32_t value) override { writes.emplace_back(offset, value); }
  void wait(std::chrono::milliseconds) override {}

  std::map<uint32_t, std::deque<uint32_t>> script;
  std::vector<Write> writes;
};

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kFailed);
    return error.what();
  }
  return "";
}

TEST(AxiDma, SendsByTheSequenceOfItsGuide) {
  Scripted registers;
  AxiDma dma(registers);
  registers.writes.clear();
  dma.send(0x70000000, 64);
  // Clears what was raised, runs with interrupts, address, and the length last.
  EXPECT_EQ(registers.writes,
            (std::vector<Write>{{0x04, 0x7000}, {0x00, 0x5001}, {0x18, 0x70000000}, {0x28, 64}}));
}

TEST(AxiDma, ReceivesByTheSameOnTheOtherChannel) {
  Scripted registers;
  AxiDma dma(registers);
  registers.writes.clear();
  dma.receive(0x71000000, 4096);
  EXPECT_EQ(registers.writes,
            (std::vector<Write>{{0x34, 0x7000}, {0x30, 0x5001}, {0x48, 0x71000000}, {0x58, 4096}}));
  registers.script[0x34] = {0x0, 0x1002};
  EXPECT_TRUE(dma.receiving());
  EXPECT_FALSE(dma.receiving());
  registers.script[0x58] = {40};
  EXPECT_EQ(dma.received_bytes(), 40U);
  EXPECT_EQ(registers.writes.back(), Write(0x34, 0x7000));  // the interrupt's level falls
}

TEST(AxiDma, IsNotBusyBeforeTheFirstTransferThoughItIsNotIdle) {
  Scripted registers;
  AxiDma dma(registers);
  registers.script[0x04] = {0};
  EXPECT_FALSE(dma.sending());
  dma.send(0, 4);
  EXPECT_TRUE(dma.sending());
}

TEST(AxiDma, WaitsForTheEndOfItsReset) {
  Scripted registers;
  registers.script[0x00] = {4, 4, 0};
  AxiDma dma(registers);
  EXPECT_EQ(registers.writes, (std::vector<Write>{{0x00, 4}}));
  registers.script[0x30] = {4};
  EXPECT_NE(failure_of([&] { dma.reset(); }).find("reset"), std::string::npos);
}

TEST(AxiDma, NamesEachFaultAndResets) {
  for (const auto& [status, text] : {std::pair{0x4011U, "longer than its buffer"},
                                     {0x4021U, "memory answered"},
                                     {0x4041U, "no memory at that address"},
                                     {0x0001U, "stopped"}}) {
    Scripted registers;
    AxiDma dma(registers);
    dma.receive(0, 4);
    registers.script[0x34] = {status};
    EXPECT_NE(failure_of([&] { dma.receiving(); }).find(text), std::string::npos) << text;
    EXPECT_EQ(registers.writes.back(), Write(0x00, 4));
    EXPECT_FALSE(dma.receiving());
  }
}

TEST(AxiDma, RefusesOneWithScatterGather) {
  Scripted registers;
  registers.script[0x04] = {1 << 3 | 1};
  EXPECT_NE(failure_of([&] { AxiDma dma(registers); }).find("scatter-gather"), std::string::npos);
}

}  // namespace
}  // namespace dsode::accel
