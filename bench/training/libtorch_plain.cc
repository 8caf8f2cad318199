// The network as PyTorch's own modules give it: NCHW, t concatenated as a channel, everything kept for the
// backward pass. Shares no code with src/model.
#include "base/error.h"
#include "bench/training/contestant.h"

namespace dsode::bench {

namespace {

namespace nn = torch::nn;
using torch::Tensor;

nn::Conv2d make_conv(int in, int out, int size, int stride, int groups) {
  return nn::Conv2d(
      nn::Conv2dOptions(in, out, size).stride(stride).padding(size / 2).groups(groups).bias(false));
}

// 3x3, or depthwise 3x3 and pointwise.
struct ConvImpl : nn::Module {
  ConvImpl(bool separable, int in, int out, int stride) {
    first = register_module("first", make_conv(in, separable ? in : out, 3, stride, separable ? in : 1));
    if (separable) pointwise = register_module("pointwise", make_conv(in, out, 1, 1, 1));
  }
  Tensor forward(const Tensor& x) { return pointwise ? pointwise(first(x)) : first(x); }
  nn::Conv2d first{nullptr}, pointwise{nullptr};
};
TORCH_MODULE(Conv);

// Batch norm that shares its affine parameters and keeps statistics for each solver step.
struct StepNormImpl : nn::Module {
  StepNormImpl(int channels, int steps) {
    weight = register_parameter("weight", torch::ones({channels}));
    bias = register_parameter("bias", torch::zeros({channels}));
    for (int i = 0; i < steps; ++i) {
      means.push_back(register_buffer(fmt::format("mean{}", i), torch::zeros({channels})));
      vars.push_back(register_buffer(fmt::format("var{}", i), torch::ones({channels})));
    }
  }
  Tensor forward(const Tensor& x, size_t step = 0) {
    return torch::batch_norm(x, weight, bias, means.at(step), vars.at(step), is_training(), 0.1, 1e-5, true);
  }
  Tensor weight, bias;
  std::vector<Tensor> means, vars;
};
TORCH_MODULE(StepNorm);

// Euler's steps of dz/dt = conv(relu(norm(conv(relu(norm(z)))))).
struct BlockImpl : nn::Module {
  BlockImpl(const ir::ModelSpec& spec, int stage)
      : steps(spec.stage_steps(stage)), concat(spec.time == "concat") {
    const int width = spec.widths[static_cast<size_t>(stage)], in = width + (concat ? 1 : 0);
    norm1 = register_module("norm1", StepNorm(width, steps));
    conv1 = register_module("conv1", Conv(spec.separable(), in, width, 1));
    norm2 = register_module("norm2", StepNorm(width, steps));
    conv2 = register_module("conv2", Conv(spec.separable(), in, width, 1));
  }
  Tensor with_time(const Tensor& x, double t) const {
    if (!concat) return x;
    return torch::cat({x, torch::full({x.size(0), 1, x.size(2), x.size(3)}, t)}, 1);
  }
  Tensor forward(Tensor z) {
    const double h = 1.0 / steps;
    for (int i = 0; i < steps; ++i) {
      const double t = i * h;
      const auto at = static_cast<size_t>(i);
      const Tensor u = conv1(with_time(torch::relu(norm1(z, at)), t));
      z = z + h * conv2(with_time(torch::relu(norm2(u, at)), t));
    }
    return z;
  }
  int steps;
  bool concat;
  StepNorm norm1{nullptr}, norm2{nullptr};
  Conv conv1{nullptr}, conv2{nullptr};
};
TORCH_MODULE(Block);

struct PlainNetworkImpl : nn::Module {
  explicit PlainNetworkImpl(const ir::ModelSpec& spec) {
    const auto width = [&](int stage) { return spec.widths[static_cast<size_t>(stage)]; };
    stem = register_module("stem", Conv(false, spec.input.c, width(0), 1));
    stem_norm = register_module("stem_norm", StepNorm(width(0), 1));
    for (int i = 0; i < spec.stages(); ++i) {
      blocks.push_back(register_module(fmt::format("block{}", i), Block(spec, i)));
      if (i + 1 == spec.stages()) break;
      downs.push_back(
          register_module(fmt::format("down{}", i), Conv(spec.separable(), width(i), width(i + 1), 2)));
      down_norms.push_back(register_module(fmt::format("down_norm{}", i), StepNorm(width(i + 1), 1)));
    }
    head_norm = register_module("head_norm", StepNorm(spec.widths.back(), 1));
    classifier = register_module("classifier", nn::Linear(spec.widths.back(), spec.classes_count()));
  }
  Tensor forward(const Tensor& x) {
    Tensor z = torch::relu(stem_norm(stem(x)));
    for (size_t i = 0; i < blocks.size(); ++i) {
      z = blocks[i](z);
      if (i < downs.size()) z = torch::relu(down_norms[i](downs[i](z)));
    }
    return classifier(torch::adaptive_avg_pool2d(torch::relu(head_norm(z)), {1, 1}).flatten(1));
  }
  Conv stem{nullptr};
  StepNorm stem_norm{nullptr}, head_norm{nullptr};
  std::vector<Block> blocks;
  std::vector<Conv> downs;
  std::vector<StepNorm> down_norms;
  nn::Linear classifier{nullptr};
};
TORCH_MODULE(PlainNetwork);

class LibtorchPlain : public Contestant {
 public:
  explicit LibtorchPlain(const ir::ModelSpec& spec)
      : network_(spec), optimizer_(network_->parameters(), 0.01) {}

  std::vector<Tensor> parameters() override { return network_->parameters(); }
  Tensor layout(const Tensor& images) const override { return images.contiguous(); }
  void evaluate() override { network_->eval(); }
  Tensor logits(const Tensor& images) override { return network_->forward(images); }

  double step(const Tensor& images, const Tensor& labels) override {
    optimizer_.zero_grad();
    const Tensor loss = nn::functional::cross_entropy(logits(images), labels);
    loss.backward();
    nn::utils::clip_grad_norm_(network_->parameters(), 1.0);
    optimizer_.step();
    return loss.item<double>();
  }

 private:
  PlainNetwork network_;
  torch::optim::AdamW optimizer_;
};

}  // namespace

std::unique_ptr<Contestant> make_libtorch_plain(const ir::ModelSpec& spec) {
  DSODE_CHECK(
      spec.shares_weights() && spec.solver == "euler" && spec.norm == "bn-per-step" && spec.stem == "conv3x3",
      "{} {} {} {}", spec.family, spec.solver, spec.norm, spec.stem);
  return std::make_unique<LibtorchPlain>(spec);
}

}  // namespace dsode::bench
