// dsodenet bench: measurements beside a rival in one run (bench/README.md).
#include "base/error.h"
#include "bench/suite.h"
#include "cli/training_inputs.h"
#include "cli/verbs.h"

namespace dsode::cli {

namespace {

class Bench : public Verb {
 public:
  std::string name() const override { return "bench"; }
  std::string help() const override { return "speed, memory and accuracy of the arithmetic, beside a rival"; }
  void declare(OptionSet& options) override { options_.declare(options); }

  Json run(const Globals& globals) override {
    if (globals.device != "cpu")
      throw bad_input(fmt::format("--device {}: bench measures the CPU", globals.device),
                      "leave --device out");
    setup_torch(globals);
    options_.threads = globals.threads;
    options_.seed = globals.seed;
    return bench::run(options_);
  }

 private:
  bench::Options options_;
};

}  // namespace

std::unique_ptr<Verb> make_bench() { return std::make_unique<Bench>(); }

}  // namespace dsode::cli
