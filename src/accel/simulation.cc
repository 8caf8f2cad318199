#include "accel/simulation.h"

#include "base/error.h"
#include "base/interrupt.h"

namespace dsode::accel {

namespace {

constexpr uint64_t kPatience = 100'000'000;  // cycles of waiting: it hangs

}  // namespace

Simulation::Simulation(const std::string& target, const SimulationOptions& options)
    : core_(make_sim_core(target, options.seed)),
      stall_(options.stall),
      random_(options.seed, Stream::kInit) {
  if (!options.wave.empty()) core_->trace(options.wave);
  constexpr int kResetCycles = 4;
  for (int i = 0; i < kResetCycles; ++i) clock({.reset = true});
}

bool Simulation::stalls() { return stall_ > 0 && random_.uniform() < stall_; }

Outputs Simulation::clock(Inputs inputs) {
  inputs.valid = !to_send_.empty() && (offered_ || !stalls());
  if (inputs.valid) {
    inputs.beat = to_send_.front().data;
    inputs.last = to_send_.front().last;
  }
  inputs.ready = !stalls() && !held_;
  const Outputs out = core_->clock(inputs);
  ++cycle_;
  if (inputs.reset) return out;  // nothing holds yet
  if (watcher_) watcher_->after(*core_);
  offered_ = inputs.valid && !out.ready;
  if (inputs.valid && out.ready) {
    if (to_send_.front().first) sent_at_.push_back(cycle_);
    to_send_.pop_front();
  }
  if (out.valid && inputs.ready) {
    partial_.push_back(out.beat);
    if (out.last) {
      received_at_.push_back(cycle_);
      received_.push_back(std::move(partial_));
      partial_.clear();
    }
  }
  irq_ = out.irq;
  return out;
}

uint32_t Simulation::read_address(uint32_t address, bool& error) {
  for (bool taken = false;;) {
    const Outputs out = clock({.read = !taken, .address = address});
    if (taken && out.read_answer) {
      error = out.read_error;
      return out.read_data;
    }
    taken |= out.read_taken;
  }
}

void Simulation::write_address(uint32_t address, uint32_t value, bool& error) {
  for (bool taken = false;;) {
    const Outputs out = clock({.write = !taken, .address = address, .data = value});
    if (taken && out.write_answer) {
      error = out.write_error;
      return;
    }
    taken |= out.write_taken;
  }
}

uint32_t Simulation::read(Reg reg) {
  bool error = false;
  const uint32_t value = read_address(uint32_t(reg), error);
  if (error) throw failed(fmt::format("accelerator: reading register {:02x} failed", uint32_t(reg)));
  return value;
}

void Simulation::write(Reg reg, uint32_t value) {
  bool error = false;
  write_address(uint32_t(reg), value, error);
  if (error) throw failed(fmt::format("accelerator: writing register {:02x} failed", uint32_t(reg)));
}

void Simulation::send(std::span<const uint32_t> beats, bool last) {
  for (size_t i = 0; i < beats.size(); ++i) {
    const bool ends = last && i + 1 == beats.size();
    to_send_.push_back({beats[i], starts_, ends});
    starts_ = ends;
  }
}

void Simulation::send(std::span<const uint32_t> beats) { send(beats, true); }

void Simulation::idle(uint64_t cycles) {
  while (cycles-- > 0) clock({});
}

void Simulation::wait_since(uint64_t begin, const char* what) {
  clock({});
  if ((cycle_ & 0xffff) == 0) throw_if_interrupted();
  if (cycle_ - begin > kPatience) throw failed(fmt::format("accelerator: {} in {} cycles", what, kPatience));
}

std::vector<uint32_t> Simulation::receive() {
  const uint64_t begin = cycle_;
  while (received_.empty()) {
    wait_since(begin, "no result");
    if (irq_ && received_.empty()) return {};
  }
  std::vector<uint32_t> packet = std::move(received_.front());
  received_.pop_front();
  return packet;
}

void Simulation::wait() {
  const uint64_t begin = cycle_;
  while (!to_send_.empty() && !irq_) wait_since(begin, "what was sent was not taken");
  constexpr uint64_t kSettle = 4;  // from the last beat to what the registers say of it
  idle(kSettle);
}

void Simulation::discard() {
  to_send_.clear();
  offered_ = false;
  starts_ = true;
  partial_.clear();
  received_.clear();
}

}  // namespace dsode::accel
