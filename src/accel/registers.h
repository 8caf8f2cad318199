// The register map of the accelerator, and the packet that loads a model. One table for both sides:
// config_package.cc writes it as SystemVerilog.
#pragma once

#include <cstdint>

namespace dsode::accel {

inline constexpr uint32_t kMagic = 0x454f5344;  // "DSOE" in memory
inline constexpr uint32_t kVersion = 1;

struct Register {
  const char* name;
  uint32_t address;
};

enum class Reg : uint32_t {
  kId = 0x00,
  kVersion = 0x04,
  kFingerprint = 0x08,  // of the target that the hardware was built for
  kControl = 0x0c,      // kStart, kLoad, kReset
  kStatus = 0x10,       // kBusy, kModelValid, kLoading, kReceiving
  kImages = 0x14,       // how many a start runs
  kIrqEnable = 0x18,    // kIrqDone, kIrqError
  kIrqStatus = 0x1c,    // the same, until 1 is written
  kErrors = 0x20,       // kError*, until 1 is written
  kDone = 0x24,         // images since the start
  kCycles = 0x28,       // since the start, until its last score was taken
  kMultiply = 0x2c,     // of these: the array multiplies
  kFrontSource = 0x30,  // the front waits for its source
  kFrontRoom = 0x34,    // the front waits for room in the replay buffer
  kBackOperand = 0x38,  // the back waits for an operand
  kBackDrain = 0x3c,    // the back waits for its drain
};

inline constexpr Register kRegisters[] = {
    {"Id", uint32_t(Reg::kId)},
    {"Version", uint32_t(Reg::kVersion)},
    {"Fingerprint", uint32_t(Reg::kFingerprint)},
    {"Control", uint32_t(Reg::kControl)},
    {"Status", uint32_t(Reg::kStatus)},
    {"Images", uint32_t(Reg::kImages)},
    {"IrqEnable", uint32_t(Reg::kIrqEnable)},
    {"IrqStatus", uint32_t(Reg::kIrqStatus)},
    {"Errors", uint32_t(Reg::kErrors)},
    {"Done", uint32_t(Reg::kDone)},
    {"Cycles", uint32_t(Reg::kCycles)},
    {"Multiply", uint32_t(Reg::kMultiply)},
    {"FrontSource", uint32_t(Reg::kFrontSource)},
    {"FrontRoom", uint32_t(Reg::kFrontRoom)},
    {"BackOperand", uint32_t(Reg::kBackOperand)},
    {"BackDrain", uint32_t(Reg::kBackDrain)},
};

inline constexpr uint32_t kStart = 1, kLoad = 2, kReset = 4;                         // of kControl
inline constexpr uint32_t kBusy = 1, kModelValid = 2, kLoading = 4, kReceiving = 8;  // of kStatus
inline constexpr uint32_t kIrqDone = 1, kIrqError = 2;

// Bits of kErrors.
inline constexpr uint32_t kErrorStartBusy = 1, kErrorStartWithoutModel = 2, kErrorLoadBusy = 4,
                          kErrorModelLength = 8, kErrorModelCrc = 16, kErrorModelHeader = 32,
                          kErrorImageEarly = 64, kErrorImageLate = 128, kErrorDescriptor = 256;

// What they say, from bit 0.
inline constexpr const char* kErrorTexts[] = {
    "a start while it was busy",
    "a start without a model",
    "a model's load while it was busy",
    "a model's packet was shorter or longer than it says",
    "a model's packet was damaged on its way (CRC-32)",
    "a model for another target, or not a model",
    "an image's packet ended early",
    "an image's packet did not end in time",
    "a descriptor that no compiler writes",
};

}  // namespace dsode::accel
