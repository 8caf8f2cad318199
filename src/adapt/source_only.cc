#include "adapt/method.h"

namespace dsode::adapt {

namespace {

// No adaptation: the bound that every method has to pass.
class SourceOnly : public Method {
 public:
  double run_epoch(int) override { return 0; }
};

const RegisterMethod kRegistration({.name = "source-only",
                                    .paper = "the source model as it is",
                                    .epochs = 0,
                                    .make = [](const Setting&) -> std::unique_ptr<Method> {
                                      return std::make_unique<SourceOnly>();
                                    }});

}  // namespace

}  // namespace dsode::adapt
