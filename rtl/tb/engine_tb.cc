// The datapath against the golden interpreter: every pass of generated models, one after the other, with the
// maps in the testbench.
#include <random>

#include "Vengine.h"
#include "accel/compile.h"
#include "accel/layer_check.h"
#include "quant/vectors.h"
#include "tb/bench.h"

namespace dsode::accel {
namespace {

class Bench {
 public:
  explicit Bench(const Program& program)
      : program_(program),
        lanes_(static_cast<size_t>(program.target.lanes)),
        state_(static_cast<size_t>(program.target.state_words) * lanes_),
        activation_(static_cast<size_t>(program.target.activation_words) * lanes_),
        scores_(static_cast<size_t>(program.target.score_words) * lanes_) {
    top_->front_start_i = top_->back_start_i = 0;
    top_->load_i = 0;
    top_.reset();
    load();
  }

  void show(std::span<const uint8_t> pixels) { pixels_ = pixels; }

  void run(const Pass& pass) {
    pass_ = &pass;
    rtl::put(top_->front_desc_i, pass.descriptor);
    rtl::put(top_->back_desc_i, pass.descriptor);
    top_->readable_i = 0;
    top_->front_start_i = top_->back_start_i = 1;
    clock();
    top_->front_start_i = top_->back_start_i = 0;
    for (int cycles = 0; top_->front_busy_o || top_->back_busy_o || cycles < 2; ++cycles) {
      ASSERT_LT(cycles, 200'000) << pass.result << " hangs";
      if (random_() % 4 == 0) top_->readable_i += random_() % 8;
      clock();
    }
  }

  // [pixels][channels] of what the pass wrote.
  std::vector<int64_t> result() const {
    const Descriptor& d = pass_->descriptor;
    std::vector<int64_t> map;
    for (size_t p = 0; p < d.pixels_out; ++p)
      for (size_t c = 0; c < static_cast<size_t>(pass_->out.c); ++c) {
        const size_t at = p * d.groups_out * lanes_ + c, base = d.dst_base * lanes_;
        map.push_back(d.dst == unsigned(Destination::kActivation) ? activation_[base + at]
                      : d.dst == unsigned(Destination::kScores)   ? scores_[base + at]
                                                                  : state_[base + at]);
      }
    return map;
  }

 private:
  void load() {
    for (int m = 0; m < kMemories; ++m) {
      const Bank& bank = program_.memories[static_cast<size_t>(m)];
      for (size_t i = 0; i < bank.data.size(); ++i) {
        const auto parts = static_cast<size_t>(bank.parts);
        top_->load_i = rtl::load_word(static_cast<Memory>(m), i % parts, i / parts, bank.data[i]);
        clock();
      }
    }
    top_->load_i = 0;
  }

  void clock() {
    top_.settle();
    answer();
    top_.clock();
  }

  struct Words {
    uint32_t activation = 0, pixel = 0;
    uint64_t state = 0, addend = 0;
  };

  // The memories around the engine: what they hold before this cycle's write is seen two cycles later.
  void answer() {
    coming_.push_back(words_at(top_->source_addr_o, top_->addend_addr_o));
    const Words& now = coming_[coming_.size() - 3];
    top_->activation_i = now.activation;
    top_->pixel_i = now.pixel;
    top_->state_i = now.state;
    top_->addend_i = now.addend;
    coming_.erase(coming_.begin());
    for (size_t l = 0; l < lanes_ && top_->result_valid_o; ++l) {
      const size_t at = top_->result_addr_o * lanes_ + l;
      const auto value = static_cast<int32_t>(top_->result_o[l]);
      const auto dst = static_cast<Destination>(pass_->descriptor.dst);
      if (dst == Destination::kActivation)
        activation_.at(at) = static_cast<uint8_t>(value);
      else if (dst == Destination::kScores)
        scores_.at(at) = value;
      else
        state_.at(at) = static_cast<int16_t>(value);
    }
  }

  Words words_at(size_t source, size_t addend) const {
    Words words;
    const auto channels = static_cast<size_t>(program_.input.c);
    const auto bits = [](const auto& memory, size_t at) {
      using T = std::make_unsigned_t<std::decay_t<decltype(memory[0])>>;
      return at < memory.size() ? uint64_t{static_cast<T>(memory[at])} : 0;
    };
    for (size_t l = 0; l < lanes_; ++l) {
      words.activation |= static_cast<uint32_t>(bits(activation_, source * lanes_ + l) << 8 * l);
      words.state |= bits(state_, source * lanes_ + l) << 16 * l;
      words.addend |= bits(state_, addend * lanes_ + l) << 16 * l;
    }
    for (size_t c = 0; c < channels; ++c)
      words.pixel |= static_cast<uint32_t>(bits(pixels_, source * channels + c) << 8 * c);
    return words;
  }

  rtl::Module<Vengine> top_{1};
  const Program& program_;
  const size_t lanes_;
  std::vector<int16_t> state_;
  std::vector<uint8_t> activation_;
  std::vector<int32_t> scores_;
  std::span<const uint8_t> pixels_;
  const Pass* pass_ = nullptr;
  std::vector<Words> coming_{3};
  std::mt19937 random_{1};
};

TEST(Engine, GivesEveryMapOfGeneratedModelsBitByBit) {
  const Target target = load_target("grid-4x4x1");
  int models = 0;
  size_t elements = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const quant::Vector vector = quant::make_vector(seed);
    Program program;
    try {
      program = compile(vector.model, target);
    } catch (const Error&) {
      continue;  // larger than this target
    }
    ++models;
    quant::Golden golden(vector.model);
    Bench bench(program);
    for (int image = 0; image < 2; ++image) {
      const size_t bytes = program.input.size();
      const std::span pixels(vector.images.pixels.data() + bytes * (3 + unsigned(image)), bytes);
      std::vector<int32_t> scores(static_cast<size_t>(program.classes));
      ir::integer::Maps maps;
      golden.run(pixels, scores, &maps);
      bench.show(pixels);
      for (const Pass& pass : program.passes) {
        ASSERT_NO_FATAL_FAILURE(bench.run(pass));
        const std::vector<int64_t> result = bench.result();
        const bool last = pass.descriptor.dst == unsigned(Destination::kScores);
        const auto expected = [&]() -> std::vector<int64_t> {
          if (last) return {scores.begin(), scores.end()};
          const std::vector<int16_t>& map = maps.at({pass.result, pass.evaluation});
          return {map.begin(), map.end()};
        }();
        ASSERT_EQ(result, expected) << "seed " << seed << " image " << image << " " << pass.result
                                    << " evaluation " << pass.evaluation;
        elements += result.size();
      }
    }
  }
  EXPECT_GE(models, 10);
  RecordProperty("elements", std::to_string(elements));
}

}  // namespace
}  // namespace dsode::accel
