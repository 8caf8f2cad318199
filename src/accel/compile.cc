#include "accel/compile.h"

#include <map>

#include "accel/banks.h"
#include "base/error.h"

namespace dsode::accel {

using namespace ir::integer;  // NOLINT(google-build-using-namespace): the operations' names
using ir::Match;

namespace {

constexpr int kMaxSide = 0xfff;  // bits of a descriptor's width and height
constexpr const char* kRemedy = "choose a larger --target, or a smaller model";

// A map of the state's memory.
struct Region {
  uint32_t base = 0, words = 0;
};

class Compiler {
 public:
  Compiler(const Graph& graph, const Target& target, const std::string& origin)
      : graph_(graph), origin_(origin), target_(target), banks_(target) {
    program_.target = target;
    program_.input = graph.spec.input;
    program_.classes = graph.spec.classes_count();
    program_.logit_scale = graph.logit_scale;
  }

  Program compile() {
    check_input();
    Shape shape = graph_.spec.input;
    for (size_t i = 0; i < graph_.ops.size();) {
      if (const auto* loop = std::get_if<OdeLoop>(&graph_.ops[i].what)) {
        compile_loop(*loop, graph_.ops[i], shape);
        ++i;
      } else {
        shape = compile_pass(graph_.ops, i, shape, nullptr, 0);
      }
    }
    finish();
    return std::move(program_);
  }

 private:
  // The operations of one pass: [affine] dwconv pwconv, affine pool linear, or conv.
  struct Parts {
    const Op *norm = nullptr, *window = nullptr, *result = nullptr;
  };

  static Parts parts_at(const std::vector<Op>& ops, size_t& i) {
    Parts parts;
    const auto take = [&](const Op*& op, auto... kinds) {
      if (i < ops.size() && (std::holds_alternative<typename decltype(kinds)::type>(ops[i].what) || ...))
        op = &ops[i++];
    };
    take(parts.norm, std::type_identity<Affine>{});
    take(parts.window, std::type_identity<DwConv>{}, std::type_identity<Pool>{}, std::type_identity<Conv>{});
    if (parts.window && std::holds_alternative<Conv>(parts.window->what))
      parts.result = parts.window;
    else
      take(parts.result, std::type_identity<PwConv>{}, std::type_identity<Linear>{});
    return parts;
  }

  void compile_loop(const OdeLoop& loop, const Op& op, Shape shape) {
    const int stages = loop.tableau().stages;
    const uint32_t words = words_of(shape);
    // The state of a midpoint's first stage, at the other end of the memory.
    midway_ = {state_.base == 0 ? memory_words() - words : 0, words};
    if (stages > 1) fits(op, "state_words", state_.words + words, target_.state_words);
    for (int e = 0; e < loop.evaluations(); ++e)
      for (size_t i = 0; i < loop.body.size();) compile_pass(loop.body, i, shape, &loop, e);
  }

  Shape compile_pass(const std::vector<Op>& ops, size_t& i, Shape in, const OdeLoop* loop, int evaluation) {
    const Op& first = ops[i];
    const Parts parts = parts_at(ops, i);
    if (!parts.window || !parts.result)
      throw refuse(first, "operations stand in an order that the accelerator has no pass for");
    Pass pass;
    pass.norm = parts.norm ? parts.norm->name : "";
    pass.window = parts.window->name;
    pass.result = parts.result->name;
    pass.evaluation = evaluation;
    pass.in = in;
    const Shape windowed = parts.result == parts.window ? in : output_shape(*parts.window, in);
    pass.out = output_shape(*parts.result, windowed);
    Descriptor& d = pass.descriptor;
    d.activation_bits = unsigned(graph_.bits.activation);
    d.state_bits = unsigned(graph_.bits.state);
    set_geometry(pass, *parts.window);
    set_source(d, parts, loop, evaluation);
    set_window(pass, *parts.window);
    set_result(pass, *parts.result, windowed.c, loop, evaluation);
    program_.passes.push_back(pass);
    return pass.out;
  }

  // --- geometry
  // -----------------------------------------------------------------------------------------------------

  uint32_t groups(int channels) const { return unsigned((channels + target_.lanes - 1) / target_.lanes); }
  uint32_t words_of(Shape shape) const { return unsigned(shape.h * shape.w) * groups(shape.c); }
  uint32_t memory_words() const { return unsigned(target_.state_words); }

  void check_input() const {
    const Shape in = graph_.spec.input;
    if (in.c != 1 && in.c != 3)
      throw bad_input(fmt::format("{}: input of {} channels: the accelerator takes 1 or 3", origin_, in.c),
                      kRemedy);
    if (in.h < 2 || in.w < 2)
      throw bad_input(fmt::format("{}: input {}: the accelerator takes 2x2 and up", origin_, in.text()),
                      kRemedy);
  }

  void set_geometry(Pass& pass, const Op& window) {
    Descriptor& d = pass.descriptor;
    const bool stem = std::holds_alternative<Conv>(window.what);
    d.width = unsigned(pass.in.w);
    d.height = unsigned(pass.in.h);
    d.pixels = unsigned(pass.in.h * pass.in.w);
    d.pixels_out = unsigned(pass.out.h * pass.out.w);
    const int operand = stem ? 9 * pass.in.c : pass.in.c;
    d.groups_in = groups(operand);
    d.groups_out = groups(pass.out.c);
    d.channel_tiles = unsigned((operand + target_.pc - 1) / target_.pc);
    d.column_tiles = unsigned((pass.out.c + target_.pk - 1) / target_.pk);
    pass.macs = int64_t{d.pixels_out} * operand * pass.out.c;
    fits(window, "groups", std::max(d.groups_in, d.groups_out), target_.groups);
    fits(window, "line_words", d.width * d.groups_in, target_.line_words);
    if (!std::holds_alternative<Pool>(window.what) && (pass.in.h < 2 || pass.in.w < 2))
      throw refuse(window, fmt::format("a map of {}x{}: the accelerator's windows take 2x2 and up", pass.in.h,
                                       pass.in.w));
    if (stem) fits(window, "image_pixels", d.pixels, target_.image_pixels);
    if (std::max(pass.in.h, pass.in.w) > kMaxSide)
      throw refuse(window, fmt::format("a map of {}x{}: the accelerator's sides go up to {}", pass.in.h,
                                       pass.in.w, kMaxSide));
  }

  // --- what the operations hold
  // -------------------------------------------------------------------------------------

  void set_source(Descriptor& d, const Parts& parts, const OdeLoop* loop, int evaluation) {
    if (parts.window == parts.result) {
      d.src = unsigned(Source::kImage);
      return;
    }
    if (!parts.norm) {
      d.src = unsigned(Source::kActivation);
      return;
    }
    const auto& affine = std::get<Affine>(parts.norm->what);
    const bool second = loop && evaluation % loop->tableau().stages == 1;
    d.src = unsigned(Source::kState);
    d.src_base = second ? midway_.base : state_.base;
    d.signed_source = affine.relu ? 0 : 1;
    d.affine_shift = unsigned(affine.shift - 1);
    d.affine_base = once(*parts.norm, Memory::kAffine, [&] { return banks_.add(affine, d.groups_in); }) +
                    unsigned(evaluation % affine.rows) * d.groups_in;
  }

  void set_window(Pass& pass, const Op& op) {
    Descriptor& d = pass.descriptor;
    std::visit(Match{[&](const DwConv& conv) {
                       d.window = unsigned(Window::kDepthwise);
                       d.stride2 = conv.stride == 2;
                       d.depthwise_shift = unsigned(conv.shift - 1);
                       d.depthwise_base = once(op, Memory::kDepthwise,
                                               [&] { return banks_.add(conv, pass.in.c, d.groups_in); });
                       pass.window_macs = 9 * int64_t{d.pixels_out} * pass.in.c;
                     },
                     [&](const Conv& conv) {
                       d.window = unsigned(Window::kStem);
                       d.colour = pass.in.c == 3;
                       for (size_t c = 0; c < conv.zero.size(); ++c)
                         d.pad |= uint32_t{conv.zero[c] ^ 0x80U} << 8 * c;
                       d.depthwise_base =
                           once(op, Memory::kDepthwise, [&] { return banks_.add_identity(d.groups_in); });
                     },
                     [&](const Pool& pool) {
                       d.window = unsigned(Window::kPool);
                       d.depthwise_shift = unsigned(pool.shift - 1);
                       d.depthwise_base =
                           once(op, Memory::kDepthwise, [&] { return banks_.add(pool, d.groups_in); });
                     },
                     [&](const auto&) { DSODE_CHECK(false, "{}", op.name); }},
               op.what);
  }

  void set_result(Pass& pass, const Op& op, int in, const OdeLoop* loop, int evaluation) {
    Descriptor& d = pass.descriptor;
    const uint32_t words = words_of(pass.out);
    std::visit(Match{[&](const Conv& conv) {
                       set_array(d, op, conv, banks_.stem_bias(conv), 1, 9 * pass.in.c, 0);
                       new_state(d, op, words);
                     },
                     [&](const PwConv& conv) {
                       if (conv.timed) set_time(d, op, conv, *loop, evaluation);
                       set_array(d, op, conv, conv.bias, conv.rows, in, evaluation);
                       if (conv.to == "activation") {
                         d.dst = unsigned(Destination::kActivation);
                         fits(op, "activation_words", words, target_.activation_words);
                       } else if (conv.to == "state") {
                         new_state(d, op, words);
                       } else {
                         const int stages = loop->tableau().stages;
                         d.dst = unsigned(Destination::kIncrement);
                         d.add_base = state_.base;
                         d.dst_base = evaluation % stages + 1 < stages ? midway_.base : state_.base;
                       }
                     },
                     [&](const Linear& linear) {
                       set_array(d, op, linear, banks_.linear_bias(linear), 1, in, 0);
                       d.dst = unsigned(Destination::kScores);
                       fits(op, "score_words", d.groups_out, target_.score_words);
                     },
                     [&](const auto&) { DSODE_CHECK(false, "{}", op.name); }},
               op.what);
  }

  void set_time(Descriptor& d, const Op& op, const PwConv& conv, const OdeLoop& loop, int evaluation) {
    constexpr int kMostTau = 255;
    const int last = tau(loop, loop.evaluations() - 1);
    if (target_.time_depth == 0)
      throw refuse(op, fmt::format("a time bias, target {} has none", target_.name));
    if (last > kMostTau)
      throw refuse(op, fmt::format("{} half steps of time, the accelerator counts to {}", last, kMostTau));
    d.timed = 1;
    d.tau = unsigned(tau(loop, evaluation));
    d.time_base = once(op, Memory::kTime, [&] { return banks_.add_time(conv.time, conv.out, d.groups_out); });
  }

  template <class What>
  void set_array(Descriptor& d, const Op& op, const What& what, const std::vector<int32_t>& bias, int rows,
                 int in, int evaluation) {
    d.param_shift = unsigned(what.shift - 1);
    d.weight_base = once(op, Memory::kWeight, [&] { return banks_.add_weights(what.weight, in, what.out); });
    d.param_base =
        once(op, Memory::kParam,
             [&] { return banks_.add_params(bias, what.multiplier, rows, what.out, d.groups_out); }) +
        unsigned(evaluation % rows) * d.groups_out;
  }

  // A state that begins: while it is written, the one before is read. They lie at the two ends of the memory
  // in turn.
  void new_state(Descriptor& d, const Op& op, uint32_t words) {
    fits(op, "state_words", state_.words + words, target_.state_words);
    state_ = {state_.words > 0 && state_.base == 0 ? memory_words() - words : 0, words};
    d.dst = unsigned(Destination::kState);
    d.dst_base = state_.base;
  }

  // The address of what `op` keeps in `memory`, where `add` puts it at its first use.
  template <class Add>
  uint32_t once(const Op& op, Memory memory, Add&& add) {
    const auto [at, is_new] = placed_.try_emplace({op.name, memory}, 0);
    if (is_new) {
      at->second = add();
      const Bank& bank = banks_.banks()[static_cast<size_t>(memory)];
      fits(op, limit_of(memory), unsigned(bank.words()), depth_of(memory, target_));
    }
    return at->second;
  }

  void finish() {
    program_.passes.back().descriptor.last = 1;
    for (const Pass& pass : program_.passes) banks_.add(pass.descriptor);
    program_.memories = banks_.banks();
    if (const int passes = static_cast<int>(program_.passes.size()); passes > target_.descriptor_depth)
      throw bad_input(fmt::format("{}: {} passes, target {} has {} descriptor_depth", origin_, passes,
                                  target_.name, target_.descriptor_depth),
                      "fewer solver steps, or a larger --target");
  }

  void fits(const Op& op, const char* limit, uint32_t needed, int most) const {
    if (needed > unsigned(most))
      throw refuse(op, fmt::format("needs {} {}, target {} has {}", needed, limit, target_.name, most));
  }
  Error refuse(const Op& op, const std::string& what) const {
    return bad_input(fmt::format("{}: {}: {}", origin_, op.name, what), kRemedy);
  }

  const Graph& graph_;
  const std::string& origin_;
  const Target target_;
  Banks banks_;
  Program program_;
  Region state_, midway_;
  std::map<std::pair<std::string, Memory>, uint32_t> placed_;
};

}  // namespace

Program compile(const Graph& graph, const Target& target, const std::string& origin) {
  check(graph, origin);
  return Compiler(graph, target, origin).compile();
}

}  // namespace dsode::accel
