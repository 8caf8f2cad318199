// SimCore on a class that Verilator made of dsode_top. DSODE_SIMULATOR(class) makes a module of it for
// make_sim_core.
#pragma once

#include <verilated.h>
#include <verilated_fst_c.h>

#include <cstring>

#include "accel/coverage.h"
#include "accel/sim_core.h"

namespace dsode::accel {

template <class Top>
class VerilatedCore : public SimCore {
 public:
  explicit VerilatedCore(uint64_t seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed));
    context_.traceEverOn(true);
    top_ = std::make_unique<Top>(&context_);
  }
  ~VerilatedCore() override {
    write_coverage(context_);
    if (file_) file_->close();
  }

  Outputs clock(const Inputs& in) override {
    Top& top = *top_;
    top.clk_i = 0;
    top.rst_ni = !in.reset;
    top.s_axil_awvalid_i = top.s_axil_wvalid_i = in.write;
    top.s_axil_arvalid_i = in.read;
    top.s_axil_awaddr_i = top.s_axil_araddr_i = static_cast<uint8_t>(in.address);
    top.s_axil_wdata_i = in.data;
    top.s_axil_bready_i = in.write_ready;
    top.s_axil_rready_i = in.read_ready;
    top.s_axis_tvalid_i = in.valid;
    top.s_axis_tlast_i = in.last;
    top.s_axis_tdata_i = in.beat;
    top.m_axis_tready_i = in.ready;
    step();
    const Outputs out{.write_taken = bool(top.s_axil_awready_o),
                      .write_answer = bool(top.s_axil_bvalid_o),
                      .write_error = top.s_axil_bresp_o != 0,
                      .read_taken = bool(top.s_axil_arready_o),
                      .read_answer = bool(top.s_axil_rvalid_o),
                      .read_error = top.s_axil_rresp_o != 0,
                      .read_data = top.s_axil_rdata_o,
                      .irq = bool(top.irq_o),
                      .ready = bool(top.s_axis_tready_o),
                      .valid = bool(top.m_axis_tvalid_o),
                      .last = bool(top.m_axis_tlast_o),
                      .beat = top.m_axis_tdata_o};
    take(activation_, top.probe_front_pass_o, top.probe_activation_valid_o, 0, top.probe_activation_o);
    take(operand_, top.probe_front_pass_o, top.probe_operand_valid_o, 0, top.probe_operand_o);
    take(result_, top.probe_back_pass_o, top.probe_result_valid_o, top.probe_result_addr_o,
         top.probe_result_o);
    top.clk_i = 1;
    step();
    return out;
  }

  Probe activation() const override { return activation_.probe; }
  Probe operand() const override { return operand_.probe; }
  Probe result() const override { return result_.probe; }

  void trace(const std::filesystem::path& path) override {
    file_ = std::make_unique<VerilatedFstC>();
    top_->trace(file_.get(), 99);
    file_->open(path.c_str());
  }

 private:
  struct Kept {
    Probe probe;
    std::vector<uint32_t> words;
  };

  void step() {
    top_->eval();
    if (file_) file_->dump(time_++);
  }

  template <class Data>
  static void take(Kept& kept, int pass, bool valid, uint32_t address, const Data& data) {
    kept.probe.pass = pass;
    kept.probe.valid = valid;
    if (!valid) return;
    kept.words.resize(sizeof(Data) / 4);
    std::memcpy(kept.words.data(), &data, sizeof(Data));
    kept.probe.address = address;
    kept.probe.words = kept.words;
  }

  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  std::unique_ptr<VerilatedFstC> file_;
  uint64_t time_ = 0;
  Kept activation_, operand_, result_;
};

}  // namespace dsode::accel

#define DSODE_SIMULATOR(Top)                                             \
  extern "C" dsode::accel::SimCore* dsode_make_sim_core(uint64_t seed) { \
    return new dsode::accel::VerilatedCore<Top>(seed);                   \
  }
