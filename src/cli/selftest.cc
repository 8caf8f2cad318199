// dsodenet selftest: does this accelerator compute what the golden interpreter does?
#include "accel/selftest.h"

#include <chrono>

#include "accel/simulation.h"
#include "accel/uio_transport.h"
#include "base/error.h"
#include "base/progress.h"
#include "base/text_table.h"
#include "cli/verbs.h"

namespace dsode::cli {

namespace {

class Selftest : public Verb {
 public:
  std::string name() const override { return "selftest"; }
  std::string help() const override {
    return "run generated models on the accelerator, compare it with the golden model";
  }
  void declare(OptionSet& options) override {
    options.add("device", device_, "sim, uio, or uio:accelerator=uio4,dma=uio5,in=udmabuf0,out=udmabuf1");
    options.add("target", target_, "what the accelerator was built for; else grid-16x16x1, of uio zcu104");
    options.add("models", models_, "how many to run");
  }

  Json run(const Globals& globals) override {
    if (models_ < 1) throw bad_input(fmt::format("--models: {}", models_), "give 1 or more");
    const bool simulated = device_ == "sim";
    if (!simulated) accel::parse_uio(device_);  // wrong usage is told before a missing target
    const accel::Target target = accel::load_target(!target_.empty() ? target_
                                                    : simulated      ? "grid-16x16x1"
                                                                     : "zcu104");
    const std::unique_ptr<accel::Transport> device = open(target, globals.seed);
    const auto start = std::chrono::steady_clock::now();
    Progress progress("selftest", "models", models_);
    const accel::SelfTest result =
        accel::self_test(*device, target, models_, globals.seed, [&] { progress.advance(1); });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{}\n{} of {} values differ from the golden interpreter\n",
               text_table({{"target", "models", "too large for it", "images"},
                           {target.name, std::to_string(result.models), std::to_string(result.too_large),
                            grouped(int64_t(result.images))}}),
               grouped(int64_t(result.differing)), grouped(int64_t(result.values)));
    if (result.first_differing)
      throw failed(fmt::format("selftest: the accelerator differs from the golden interpreter, first in the "
                               "model of seed {}",
                               *result.first_differing),
                   fmt::format("alone: dsodenet selftest --device {} --target {} --models 1 --seed {}",
                               device_, target.name, *result.first_differing));
    return {{"device", device_},       {"target", target.name},          {"models", result.models},
            {"images", result.images}, {"mismatches", result.differing}, {"compared", result.values},
            {"seconds", seconds}};
  }

 private:
  std::unique_ptr<accel::Transport> open(const accel::Target& target, uint64_t seed) const {
    if (device_ != "sim") return accel::UioTransport::open(device_);
    constexpr double kStall = 0.1;  // as a DMA and a memory do
    return std::make_unique<accel::Simulation>(
        target.name, accel::SimulationOptions{.seed = seed, .stall = kStall, .wave = {}});
  }

  std::string device_ = "sim", target_;
  int models_ = 20;
};

}  // namespace

std::unique_ptr<Verb> make_selftest() { return std::make_unique<Selftest>(); }

}  // namespace dsode::cli
