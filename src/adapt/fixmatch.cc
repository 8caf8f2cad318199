#include "adapt/self_training.h"
#include "train/ema.h"

namespace dsode::adapt {

namespace {

using torch::Tensor;

constexpr double kDecay = 0.99, kConfidence = 0.9;

// A teacher, the running average of the student's weights, labels a weakly augmented view; the student learns
// those it is sure of from a strongly augmented one, and information maximisation keeps all classes in use.
// The teacher is the result.
class FixMatch : public SelfTraining {
 public:
  explicit FixMatch(const Setting& setting)
      : SelfTraining(setting, model::clone(setting.network), {setting.options.target_augment, "auto"}),
        teacher_(setting.network) {
    student()->set_gradient(model::parse_gradient(setting.options.gradient),
                            model::parse_kernels(setting.options.kernels));
  }

 protected:
  Tensor loss(const std::vector<Tensor>& views, const Tensor&) override {
    const auto [confidence, label] = teach(views[0]).max(1);
    const Tensor logits = student()->forward(views[1]);
    const Tensor each = torch::nn::functional::cross_entropy(
        logits, label, torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));
    return information_loss(logits) + setting().weight * (each * confidence.ge(kConfidence)).mean();
  }

  void after_step() override { train::update_average(teacher_, student(), kDecay); }

 private:
  // The teacher's probabilities under the batch's own statistics.
  Tensor teach(const Tensor& x) {
    const torch::NoGradGuard no_grad;
    teacher_->eval();
    for (auto& norm : teacher_->norms()) norm->set_statistics(model::Statistics::kBatch);
    const Tensor p = teacher_->forward(x).softmax(1);
    for (auto& norm : teacher_->norms()) norm->set_statistics(model::Statistics::kRunning);
    return p;
  }

  model::Network teacher_;
};

const RegisterMethod kRegistration({.name = "fixmatch",
                                    .paper = "information maximisation and consistency of views under a mean "
                                             "teacher, source-free (Sohn et al., arXiv "
                                             "2001.07685; Tarvainen, Valpola, arXiv 1703.01780)",
                                    .weight = 1,
                                    .make = [](const Setting& s) -> std::unique_ptr<Method> {
                                      return std::make_unique<FixMatch>(s);
                                    }});

}  // namespace

}  // namespace dsode::adapt
