#include "adapt/method.h"
#include "base/error.h"

namespace dsode::adapt {

namespace {

// Norm statistics of the target domain, weights untouched.
class AdaBn : public Method {
 public:
  explicit AdaBn(const Setting& setting) : setting_(setting) {
    for (auto& norm : setting.network->norms())
      if (norm->has_statistics()) return;
    throw bad_input("--method adabn: the model's norm keeps no statistics",
                    "use a model with --norm bn-per-step or bn");
  }
  double run_epoch(int) override {
    estimate_statistics(setting_.network, setting_.target.images, 256, setting_.seed, 0);
    return 0;
  }

 private:
  Setting setting_;
};

const RegisterMethod kRegistration({.name = "adabn",
                                    .paper = "norm statistics of the target (Li et al., arXiv 1603.04779)",
                                    .epochs = 1,
                                    .make = [](const Setting& s) -> std::unique_ptr<Method> {
                                      return std::make_unique<AdaBn>(s);
                                    }});

}  // namespace

}  // namespace dsode::adapt
