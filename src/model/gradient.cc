#include "model/gradient.h"

namespace dsode::model {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// While a backward pass recomputes, the norms see their batch a second time and must not count it.
class RecomputeGuard {
 public:
  explicit RecomputeGuard(OdeBlockImpl& block) : block_(block) { block_.function()->set_update(false); }
  ~RecomputeGuard() { block_.function()->set_update(true); }

 private:
  OdeBlockImpl& block_;
  torch::AutoGradMode grad_mode_{true};
};

// What both modes keep between forward and backward.
struct Tape : torch::CustomClassHolder {
  std::shared_ptr<OdeBlockImpl> block;
  std::vector<Step> steps;
};

c10::intrusive_ptr<Tape> record(AutogradContext* ctx, OdeBlockImpl* block) {
  auto tape = c10::make_intrusive<Tape>();
  tape->block = std::static_pointer_cast<OdeBlockImpl>(block->shared_from_this());
  ctx->saved_data["tape"] = c10::IValue::make_capsule(tape);
  return tape;
}

c10::intrusive_ptr<Tape> tape_of(AutogradContext* ctx) {
  return c10::static_intrusive_pointer_cast<Tape>(ctx->saved_data["tape"].toCapsule());
}

// Gradients of <output, seed> by z and the parameters that need one; undefined where there is none.
variable_list pull_back(const Tensor& output, const Tensor& seed, const Tensor& z,
                        const std::vector<Tensor>& parameters) {
  variable_list inputs{z};
  for (const auto& p : parameters)
    if (p.requires_grad()) inputs.push_back(p);
  const variable_list found = torch::autograd::grad({output}, inputs, {seed}, {}, false, true);
  variable_list all{found[0]};
  size_t next = 1;
  for (const auto& p : parameters) all.push_back(p.requires_grad() ? found[next++] : Tensor());
  return all;
}

void accumulate(Tensor& sum, const Tensor& term) {
  if (term.defined()) sum = sum.defined() ? sum + term : term;
}

struct Checkpointed : torch::autograd::Function<Checkpointed> {
  static Tensor forward(AutogradContext* ctx, const Tensor& z, OdeBlockImpl* block, at::TensorList) {
    auto tape = record(ctx, block);
    variable_list states;
    Tensor out = block->solve(z, tape->steps, &states);
    ctx->save_for_backward(states);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto tape = tape_of(ctx);
    OdeBlockImpl& block = *tape->block;
    const RecomputeGuard guard(block);
    const auto parameters = block.parameters();
    const variable_list states = ctx->get_saved_variables();
    variable_list sums(parameters.size());
    Tensor seed = grads[0];
    for (size_t i = tape->steps.size(); i-- > 0;) {
      const Tensor z = states[i].detach().requires_grad_();
      const variable_list step =
          pull_back(block.step(z, static_cast<int>(i), tape->steps[i]), seed, z, parameters);
      seed = step[0];
      for (size_t p = 0; p < sums.size(); ++p) accumulate(sums[p], step[p + 1]);
    }
    variable_list result{seed, Tensor()};
    result.insert(result.end(), sums.begin(), sums.end());
    return result;
  }
};

// da/dt = -a df/dz, dg/dt = -a df/dp, with z integrated backwards beside them: the state is [z, a, g...].
struct Adjoint : torch::autograd::Function<Adjoint> {
  static Tensor forward(AutogradContext* ctx, const Tensor& z, OdeBlockImpl* block, at::TensorList) {
    const auto tape = record(ctx, block);
    Tensor out = block->solve(z, tape->steps, nullptr);
    ctx->save_for_backward({out});
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto tape = tape_of(ctx);
    OdeBlockImpl& block = *tape->block;
    const RecomputeGuard guard(block);
    const auto parameters = block.parameters();
    variable_list state{ctx->get_saved_variables()[0].detach(), grads[0]};
    for (const auto& p : parameters) state.push_back(torch::zeros_like(p));

    const int last = static_cast<int>(tape->steps.size()) - 1;
    const auto eval = [&](const variable_list& s, ode::EvalPoint point) {
      const Tensor z = s[0].detach().requires_grad_();
      // The backward solver's step i retraces forward step last - i: its norms use that step's statistics.
      const Tensor dz = block.evaluate(z, {last - point.step, point.stage, point.t});
      variable_list slopes{dz.detach()};
      for (const Tensor& g : pull_back(dz, s[1], z, parameters)) slopes.push_back(g.defined() ? -g : g);
      return slopes;
    };
    const auto axpy = [](const variable_list& x, double a, const variable_list& k) {
      variable_list y = x;
      for (size_t i = 0; i < y.size(); ++i)
        if (k[i].defined()) y[i] = torch::add(x[i], k[i], a);
      return y;
    };
    std::vector<variable_list> slopes;
    for (int i = last; i >= 0; --i) {
      const Step& forward = tape->steps[static_cast<size_t>(i)];
      state = ode::rk_step(block.tableau(), state, forward.t + forward.h, -forward.h, last - i, eval, axpy,
                           slopes);
    }
    variable_list result{state[1], Tensor()};
    result.insert(result.end(), state.begin() + 2, state.end());
    return result;
  }
};

}  // namespace

Tensor solve_checkpointed(OdeBlockImpl& block, const Tensor& z) {
  return Checkpointed::apply(z, &block, at::TensorList(block.parameters()));
}

Tensor solve_adjoint(OdeBlockImpl& block, const Tensor& z) {
  return Adjoint::apply(z, &block, at::TensorList(block.parameters()));
}

}  // namespace dsode::model
