#include "Vregs.h"
#include "accel/config_package.h"
#include "accel/registers.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

using accel::Reg;

const uint32_t kFingerprint = accel::fingerprint(accel::load_target("grid-4x4x1"));

// What a driver may rely on, a cycle at a time.
class Model {
 public:
  // Answers and commands of the cycle after the one that `in` describes.
  struct In {
    bool write, read, bready, rready, busy, model_valid, loading, receiving, image_done, all_done;
    uint32_t waddr, wdata, raddr, errors, events;
  };

  void step(const In& in) {
    const bool write = in.write && !bvalid, read = in.read && !rvalid;
    bvalid = write || (bvalid && !in.bready);
    rvalid = read || (rvalid && !in.rready);
    if (read) answer(in);
    const auto to = [&](Reg reg) { return write && in.waddr == uint32_t(reg) ? in.wdata : 0; };
    if (write) bresp = is_writable(in.waddr) ? 0 : 2;

    const uint32_t command = to(Reg::kControl);
    const bool asked = command & accel::kStart, idle = !in.busy && !in.loading;
    start = asked && idle && in.model_valid && images != 0;
    load = (command & accel::kLoad) && idle && !in.receiving && !asked;
    reset = command & accel::kReset;

    uint32_t raised = in.errors << 3;
    if (asked && !idle) raised |= accel::kErrorStartBusy;
    if (asked && idle && !in.model_valid) raised |= accel::kErrorStartWithoutModel;
    if ((command & accel::kLoad) && !load) raised |= accel::kErrorLoadBusy;
    errors = (errors & ~to(Reg::kErrors)) | raised;
    irq =
        (irq & ~to(Reg::kIrqStatus)) | (in.all_done ? accel::kIrqDone : 0) | (raised ? accel::kIrqError : 0);

    const std::array<bool, 7> counted{in.busy && (in.events & 1),
                                      in.busy && (in.events >> 1 & 1),
                                      in.busy && (in.events >> 2 & 1),
                                      in.busy && (in.events >> 3 & 1),
                                      in.busy && (in.events >> 4 & 1),
                                      in.busy,
                                      in.image_done};
    for (size_t i = 0; i < counters.size(); ++i) counters[i] = start ? 0 : counters[i] + counted[i];
    if (write && in.waddr == uint32_t(Reg::kImages)) images = in.wdata & 0xffff;
    if (write && in.waddr == uint32_t(Reg::kIrqEnable)) enabled = in.wdata & 3;
  }

  bool bvalid = false, rvalid = false, start = false, load = false, reset = false;
  uint32_t bresp = 0, rresp = 0, rdata = 0, images = 1, enabled = 0, irq = 0, errors = 0;

 private:
  static bool is_writable(uint32_t address) {
    for (const Reg reg : {Reg::kControl, Reg::kImages, Reg::kIrqEnable, Reg::kIrqStatus, Reg::kErrors})
      if (address == uint32_t(reg)) return true;
    return false;
  }

  void answer(const In& in) {
    rresp = 0;
    switch (static_cast<Reg>(in.raddr)) {
      case Reg::kId:
        rdata = accel::kMagic;
        break;
      case Reg::kVersion:
        rdata = accel::kVersion;
        break;
      case Reg::kFingerprint:
        rdata = kFingerprint;
        break;
      case Reg::kControl:
        rdata = 0;
        break;
      case Reg::kStatus:
        rdata = in.busy | in.model_valid << 1 | in.loading << 2 | in.receiving << 3;
        break;
      case Reg::kImages:
        rdata = images;
        break;
      case Reg::kIrqEnable:
        rdata = enabled;
        break;
      case Reg::kIrqStatus:
        rdata = irq;
        break;
      case Reg::kErrors:
        rdata = errors;
        break;
      case Reg::kMultiply:
        rdata = counters[0];
        break;
      case Reg::kFrontSource:
        rdata = counters[1];
        break;
      case Reg::kFrontRoom:
        rdata = counters[2];
        break;
      case Reg::kBackOperand:
        rdata = counters[3];
        break;
      case Reg::kBackDrain:
        rdata = counters[4];
        break;
      case Reg::kCycles:
        rdata = counters[5];
        break;
      case Reg::kDone:
        rdata = counters[6];
        break;
      default:
        rdata = 0, rresp = 2;
    }
  }

  std::array<uint32_t, 7> counters{};
};

uint32_t some_address(Random& random) {
  return static_cast<uint32_t>(random.one_in(6) ? random.below(256) : 4 * random.below(17));
}

// Anything at the inputs, with rare resets; a master keeps what it offers until it is taken.
TEST(Regs, AreTheModelsInEveryCycle) {
  for_seeds(40, [](uint64_t seed, Random& random) {
    Module<Vregs> top(seed);
    top.reset();
    Model model;
    for (int cycle = 0; cycle < 3000; ++cycle) {
      if (!top->s_axil_awvalid_i) top->s_axil_awaddr_i = static_cast<uint8_t>(some_address(random));
      if (!top->s_axil_wvalid_i)
        top->s_axil_wdata_i = static_cast<uint32_t>(random.one_in(2) ? random.below(8) : random.bits(32));
      if (!top->s_axil_arvalid_i) top->s_axil_araddr_i = static_cast<uint8_t>(some_address(random));
      top->s_axil_awvalid_i |= random.one_in(2);
      top->s_axil_wvalid_i |= random.one_in(2);
      top->s_axil_arvalid_i |= random.one_in(2);
      top->s_axil_bready_i = random.one_in(2);
      top->s_axil_rready_i = random.one_in(2);
      if (random.one_in(4)) {
        top->busy_i = random.one_in(3);
        top->model_valid_i = !random.one_in(3);
        top->loading_i = random.one_in(4);
        top->receiving_i = random.one_in(4);
      }
      top->image_done_i = random.one_in(8);
      top->all_done_i = random.one_in(16);
      top->errors_i = random.one_in(16) ? static_cast<uint8_t>(random.below(64)) : 0;
      top->events_i = static_cast<uint8_t>(random.below(32));
      top.settle();
      const Model::In in{bool(top->s_axil_awvalid_i && top->s_axil_wvalid_i),
                         bool(top->s_axil_arvalid_i),
                         bool(top->s_axil_bready_i),
                         bool(top->s_axil_rready_i),
                         bool(top->busy_i),
                         bool(top->model_valid_i),
                         bool(top->loading_i),
                         bool(top->receiving_i),
                         bool(top->image_done_i),
                         bool(top->all_done_i),
                         top->s_axil_awaddr_i,
                         top->s_axil_wdata_i,
                         top->s_axil_araddr_i,
                         top->errors_i,
                         top->events_i};
      const bool write = in.write && !model.bvalid, read = in.read && !model.rvalid;
      ASSERT_EQ(top->s_axil_awready_o, write) << cycle;
      ASSERT_EQ(top->s_axil_wready_o, write) << cycle;
      ASSERT_EQ(top->s_axil_arready_o, read) << cycle;
      ASSERT_EQ(top->s_axil_bvalid_o, model.bvalid) << cycle;
      ASSERT_EQ(top->s_axil_rvalid_o, model.rvalid) << cycle;
      if (model.bvalid) ASSERT_EQ(top->s_axil_bresp_o, model.bresp) << cycle;
      if (model.rvalid) ASSERT_EQ(top->s_axil_rresp_o, model.rresp) << cycle;
      if (model.rvalid) ASSERT_EQ(top->s_axil_rdata_o, model.rdata) << cycle;
      ASSERT_EQ(top->irq_o, (model.irq & model.enabled) != 0) << cycle;
      ASSERT_EQ(top->start_o, model.start) << cycle;
      ASSERT_EQ(top->load_o, model.load) << cycle;
      ASSERT_EQ(top->reset_o, model.reset) << cycle;
      ASSERT_EQ(top->images_o, model.images) << cycle;
      if (random.one_in(500)) {
        top.reset();
        model = Model();
      } else {
        model.step(in);
        top.clock();
      }
      if (write) top->s_axil_awvalid_i = top->s_axil_wvalid_i = 0;
      if (read) top->s_axil_arvalid_i = 0;
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
