// The verilated accelerator of one target behind an interface without Verilator: pins, a cycle at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dsode::accel {

struct Inputs {
  bool reset = false;
  bool write = false, read = false;  // AXI4-Lite, address and data together
  uint32_t address = 0, data = 0;
  bool write_ready = true, read_ready = true;  // to take the answer
  bool valid = false, last = false;            // the stream in
  uint32_t beat = 0;
  bool ready = true;  // for the stream out
};

struct Outputs {
  bool write_taken = false, write_answer = false, write_error = false;
  bool read_taken = false, read_answer = false, read_error = false;
  uint32_t read_data = 0;
  bool irq = false;
  bool ready = false;
  bool valid = false, last = false;
  uint32_t beat = 0;
};

// What the probes show in a cycle; `words` have the target's lanes.
struct Probe {
  int pass = 0;
  bool valid = false;
  uint32_t address = 0;
  std::span<const uint32_t> words;  // bytes of activations and operands, packed; 32 bits a lane of results
};

class SimCore {
 public:
  virtual ~SimCore() = default;
  // The outputs of a cycle with these inputs, before its clock edge; then the edge.
  virtual Outputs clock(const Inputs& inputs) = 0;
  // Of the cycle before the last edge.
  virtual Probe activation() const = 0;
  virtual Probe operand() const = 0;
  virtual Probe result() const = 0;
  // Writes an FST file from now on.
  virtual void trace(const std::filesystem::path& path) = 0;
};

// Loads simulators/<target>.so, which lies beside the running program. Throws bad_input where it was not
// built. Registers start with random values of `seed`.
std::unique_ptr<SimCore> make_sim_core(const std::string& target, uint64_t seed);

}  // namespace dsode::accel
