// The transport that clocks a simulated accelerator.
#pragma once

#include <deque>

#include "accel/sim_core.h"
#include "accel/transport.h"
#include "base/rng.h"

namespace dsode::accel {

struct SimulationOptions {
  uint64_t seed = 1;           // of what registers hold before the reset, and of stalls
  double stall = 0;            // share of cycles in which a stream waits for no reason
  std::filesystem::path wave;  // an FST file; empty: none
};

class Simulation : public Transport {
 public:
  // Sees every cycle.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void after(const SimCore& core) = 0;
  };

  Simulation(const std::string& target, const SimulationOptions& options);

  uint32_t read(Reg reg) override;
  void write(Reg reg, uint32_t value) override;
  void send(std::span<const uint32_t> beats) override;
  std::vector<uint32_t> receive() override;
  void wait() override;
  void discard() override;

  // For tests: any address, any beats, no TLAST.
  uint32_t read_address(uint32_t address, bool& error);
  void write_address(uint32_t address, uint32_t value, bool& error);
  void send(std::span<const uint32_t> beats, bool last);
  void idle(uint64_t cycles);
  bool interrupt() const { return irq_; }

  void stall(double share) { stall_ = share; }
  // The stream out waits for as long as it is held.
  void hold(bool held) { held_ = held; }
  void watch(Watcher* watcher) { watcher_ = watcher; }
  uint64_t cycle() const { return cycle_; }
  // Cycles in which the first beat of each packet went in, and the last of each came out.
  const std::vector<uint64_t>& sent_at() const { return sent_at_; }
  const std::vector<uint64_t>& received_at() const { return received_at_; }

 private:
  struct Beat {
    uint32_t data;
    bool first, last;
  };

  Outputs clock(Inputs inputs);
  // One cycle of waiting since `begin`. Throws failed when it has been too long.
  void wait_since(uint64_t begin, const char* what);
  bool stalls();

  std::unique_ptr<SimCore> core_;
  double stall_;
  bool held_ = false;
  Rng random_;
  Watcher* watcher_ = nullptr;
  std::deque<Beat> to_send_;
  bool offered_ = false;  // a beat once offered stays
  bool starts_ = true;    // the next beat opens a packet
  std::vector<uint32_t> partial_;
  std::deque<std::vector<uint32_t>> received_;
  uint64_t cycle_ = 0;
  bool irq_ = false;
  std::vector<uint64_t> sent_at_, received_at_;
};

}  // namespace dsode::accel
