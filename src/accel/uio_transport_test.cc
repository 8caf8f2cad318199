// The transport of a board, its accelerator and DMA stood in for by the simulated accelerator: all that is
// between Driver and registers runs, and the scores are those of the golden interpreter.
#include "accel/uio_transport.h"

#include <map>
#include <utility>

#include "accel/compile.h"
#include "accel/driver.h"
#include "accel/packet.h"
#include "accel/selftest.h"
#include "accel/simulation.h"
#include "base/fixture.h"
#include "quant/golden.h"
#include "quant/vectors.h"

namespace dsode::accel {
namespace {

constexpr uint32_t kInAddress = 0x70000000, kOutAddress = 0x71000000;

DmaBuffer memory(const char* name, size_t bytes, uint32_t address) {
  return {name, {new uint32_t[bytes / 4]{}, [](volatile uint32_t* p) { delete[] p; }}, bytes, address};
}

class AcceleratorWindow : public RegisterWindow {
 public:
  explicit AcceleratorWindow(Simulation& simulation) : simulation_(simulation) {}
  uint32_t read(uint32_t offset) override { return simulation_.read(Reg(offset)); }
  void write(uint32_t offset, uint32_t value) override { simulation_.write(Reg(offset), value); }
  void wait(std::chrono::milliseconds) override {}

 private:
  Simulation& simulation_;
};

// An AXI DMA between two buffers and the simulated streams. A transfer is idle at the second look; a packet
// arrives while the processor sleeps.
class DmaWindow : public RegisterWindow {
 public:
  DmaWindow(Simulation& simulation, DmaBuffer in, DmaBuffer out)
      : simulation_(simulation), in_(std::move(in)), out_(std::move(out)) {}

  uint32_t read(uint32_t offset) override {
    uint32_t& value = registers_[offset];
    const uint32_t answer = value;
    if (offset == 0x04 && sending_) {
      simulation_.wait();
      sending_ = false;
      value |= 0x1002;
    }
    return answer;
  }
  void write(uint32_t offset, uint32_t value) override {
    if (offset == 0x00 && value & 4) {
      registers_.clear();
      sending_ = false;
      simulation_.discard();  // the streams end where they are
      ++*resets;
      return;
    }
    if (offset == 0x04 || offset == 0x34) {
      registers_[offset] &= ~(value & 0x7000);
      return;
    }
    registers_[offset] = value;
    if (offset == 0x28) {
      EXPECT_EQ(registers_[0x18], kInAddress);
      EXPECT_FALSE(sending_);
      sending_ = true;
      registers_[0x04] &= ~2U;
      const volatile uint32_t* words = in_.words.get();
      simulation_.send(std::vector<uint32_t>(words, words + value / 4));
    }
    if (offset == 0x58) registers_[0x34] &= ~2U;
  }
  void wait(std::chrono::milliseconds) override {
    if (std::exchange(fault, false)) {
      registers_[0x34] |= 0x4021;
      return;
    }
    const std::vector<uint32_t> packet = simulation_.receive();
    if (packet.empty()) return;  // an error interrupt
    EXPECT_EQ(registers_[0x48], kOutAddress);
    EXPECT_LE(4 * packet.size(), registers_[0x58]);
    for (size_t i = 0; i < packet.size(); ++i) out_.words.get()[i] = packet[i];
    if (flip_packet == packets_++) out_.words.get()[0] = ~packet[0];
    registers_[0x58] = static_cast<uint32_t>(4 * packet.size());
    registers_[0x34] |= 0x1002;
  }

  bool fault = false;    // the next packet does not reach its memory
  int flip_packet = -1;  // damages that one
  std::shared_ptr<int> resets = std::make_shared<int>(0);

 private:
  Simulation& simulation_;
  DmaBuffer in_, out_;
  std::map<uint32_t, uint32_t> registers_;
  bool sending_ = false;
  int packets_ = 0;
};

struct Board {
  explicit Board(size_t in_bytes = 1 << 20)
      : simulation("grid-4x4x1", {.seed = 1, .stall = 0.1, .wave = {}}),
        in(memory("in", in_bytes, kInAddress)),
        out(memory("out", 4096, kOutAddress)) {
    auto window = std::make_unique<DmaWindow>(simulation, in, out);
    dma = window.get();
    transport = std::make_unique<UioTransport>(std::make_unique<AcceleratorWindow>(simulation),
                                               std::move(window), in, out);
  }

  Simulation simulation;
  DmaBuffer in, out;
  DmaWindow* dma;
  std::unique_ptr<UioTransport> transport;
  Target target = load_target("grid-4x4x1");
};

TEST(UioTransport, GeneratedModelsGiveTheGoldenScores) {
  Board board;
  const SelfTest result = self_test(*board.transport, board.target, 6, 0, [] {});
  EXPECT_EQ(result.models, 6);
  EXPECT_EQ(result.differing, 0U);
  EXPECT_EQ(result.images, 30U);
  EXPECT_FALSE(result.first_differing);
}

TEST(UioTransport, ADamagedPacketIsFoundAndItsModelNamed) {
  Board board;
  board.dma->flip_packet = 12;  // of five images a model: in the third
  const SelfTest result = self_test(*board.transport, board.target, 4, 0, [] {});
  EXPECT_EQ(result.differing, 1U);
  ASSERT_TRUE(result.first_differing);
  EXPECT_EQ(*result.first_differing, 2U);
}

// The generated model of seed 0, loaded.
struct Loaded : Board {
  Loaded() { driver.load(model_packet(program)); }
  std::vector<int32_t> expected(int image) const {
    std::vector<int32_t> scores(static_cast<size_t>(program.classes));
    quant::Golden(vector.model).run(vector.images[image], scores);
    return scores;
  }
  std::vector<uint32_t> packet(int image) const { return image_packet(vector.images[image]); }
  std::string error_of_run(const std::vector<uint32_t>& image) {
    try {
      driver.run({image});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  quant::Vector vector = quant::make_vector(0);
  Program program = compile(vector.model, target);
  Driver driver{*transport, target};
};

TEST(UioTransport, AnErrorOfTheAcceleratorComesThroughAndTheNextRunIsRight) {
  Loaded board;
  std::vector<uint32_t> cut = board.packet(0);
  cut.pop_back();
  EXPECT_TRUE(says(board.error_of_run(cut), "ended early"));
  EXPECT_GT(*board.dma->resets, 1);  // by the driver: what was on its way is lost
  EXPECT_EQ(board.driver.run({board.packet(1)}).front(), board.expected(1));
}

TEST(UioTransport, AnErrorOfTheDmaComesThroughAndAResetMendsIt) {
  Loaded board;
  board.dma->fault = true;
  EXPECT_TRUE(says(board.error_of_run(board.packet(0)), "dma: receiving: the memory answered"));
  board.driver.reset();
  EXPECT_EQ(board.driver.run({board.packet(1)}).front(), board.expected(1));
}

TEST(UioTransport, APacketLargerThanTheBufferIsAnErrorThatNamesIt) {
  Board board(64);
  try {
    board.transport->send(std::vector<uint32_t>(17));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_TRUE(
        says(std::string(error.what()) + error.hint(), "in: a packet of 68 bytes", "64", "dsode.dtso"));
  }
}

TEST(UioTransport, ItsEndStopsTheDma) {
  Board board;
  const std::shared_ptr<int> resets = board.dma->resets;
  EXPECT_EQ(*resets, 1);  // its beginning
  board.transport.reset();
  EXPECT_EQ(*resets, 2);
}

TEST(ParseUio, TakesTheOverlaysNamesOrThoseGiven) {
  EXPECT_EQ(parse_uio("uio").accelerator, "dsode");
  const UioDevices given = parse_uio("uio:accelerator=uio4,dma=uio5,in=udmabuf0,out=udmabuf1");
  EXPECT_EQ(given.accelerator, "uio4");
  EXPECT_EQ(given.dma, "uio5");
  EXPECT_EQ(given.in, "udmabuf0");
  EXPECT_EQ(given.out, "udmabuf1");
  EXPECT_EQ(parse_uio("uio:dma=uio7").dma, "uio7");
  EXPECT_EQ(parse_uio("uio:dma=uio7").in, UioDevices().in);
}

TEST(ParseUio, NamesThePieceThatIsWrong) {
  const auto error = [](const char* text) { return error_of([&] { parse_uio(text); }); };
  EXPECT_TRUE(says(error("cuda"), "--device cuda", "give sim, uio"));
  EXPECT_TRUE(says(error("uio4"), "--device uio4"));
  for (const char* piece : {"uio4", "dmaa=uio5", "dma=", "dma=../mem", ""})
    EXPECT_TRUE(says(error(fmt::format("uio:{}", piece).c_str()), fmt::format("'{}'", piece), "give uio"));
  EXPECT_TRUE(says(error("uio:dma=uio5,"), "''"));
}

}  // namespace
}  // namespace dsode::accel
