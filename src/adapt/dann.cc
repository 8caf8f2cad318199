#include <cmath>

#include "adapt/alignment.h"

namespace dsode::adapt {

namespace {

using torch::Tensor;

// Identity forwards, -lambda times the gradient backwards.
struct Reverse : torch::autograd::Function<Reverse> {
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& x, double lambda) {
    ctx->saved_data["lambda"] = lambda;
    return x.view_as(x);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    return {-ctx->saved_data["lambda"].toDouble() * grads[0], Tensor()};
  }
};

torch::nn::Sequential discriminator(int64_t width, torch::Device device) {
  torch::nn::Sequential net(torch::nn::Linear(width, 128), torch::nn::ReLU(), torch::nn::Linear(128, 1));
  net->to(device);
  return net;
}

// A discriminator learns to tell the domains apart, the network to confuse it; lambda rises from 0 to 1 as in
// the paper.
class Dann : public Alignment {
 public:
  explicit Dann(const Setting& setting)
      : Dann(setting, discriminator(setting.network->spec().widths.back(), setting.device)) {}

 protected:
  Tensor penalty(const Tensor& source, const Tensor& target, double progress) override {
    const double lambda = 2 / (1 + std::exp(-10 * progress)) - 1;
    const Tensor logits =
        discriminator_->forward(Reverse::apply(torch::cat({source, target}), lambda)).squeeze(1);
    const Tensor domain =
        torch::cat({torch::ones(source.size(0)), torch::zeros(target.size(0))}).to(logits.device());
    return torch::binary_cross_entropy_with_logits(logits, domain);
  }

 private:
  Dann(const Setting& setting, torch::nn::Sequential net)
      : Alignment(setting, net->parameters()), discriminator_(net) {}
  torch::nn::Sequential discriminator_;
};

const RegisterMethod kRegistration({.name = "dann",
                                    .paper = "domain-adversarial training (Ganin et al., arXiv 1505.07818)",
                                    .selector = "im",
                                    .weight = 1,
                                    .needs_source = true,
                                    .make = [](const Setting& s) -> std::unique_ptr<Method> {
                                      return std::make_unique<Dann>(s);
                                    }});

}  // namespace

}  // namespace dsode::adapt
