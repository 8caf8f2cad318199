// dsodenet compile: an integer model as the accelerator takes it.
#include "accel/compile.h"

#include "accel/cycle_model.h"
#include "accel/image.h"
#include "accel/packet.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/inputs.h"
#include "cli/verbs.h"

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

class Compile : public Verb {
 public:
  std::string name() const override { return "compile"; }
  std::string help() const override {
    return "an integer model for the accelerator: memories, passes, cycles";
  }
  void declare(OptionSet& options) override {
    options.add("model", model_, "folder of quantize, or its model.safetensors");
    options.add("target", target_, "name of a target, or a target.toml");
  }
  std::string default_out() const override { return "runs/accelerator"; }

  Json run(const Globals& globals) override {
    require_option(model_, "--model", "name a folder that dsodenet quantize wrote");
    const accel::Target target = accel::load_target(target_);
    accel::Image image;
    image.graph = ir::integer::load(model_);
    image.program = accel::compile(image.graph, target, model_);
    image.packet = accel::model_packet(image.program);
    const fs::path out = globals.out_or(default_out());
    std::error_code ignored;
    if (fs::equivalent(out, model_, ignored) || fs::equivalent(out / ir::integer::kFileName, model_, ignored))
      throw bad_input(fmt::format("--out {}: is the model's own folder", out.string()),
                      "name another folder");
    make_output_dir(out, globals.force);
    accel::save_image(out, image);
    const accel::CycleModel cycles = accel::model_cycles(image.program);
    fmt::print("{}\n{}", memory_map(image.program), layers(image.program, cycles));
    const double milliseconds = static_cast<double>(cycles.cycles) / (1000.0 * target.clock_mhz);
    fmt::print(
        "\n{} cycles an image, {} back to back: {:.3f} ms at an assumed {} MHz, {:.1f} % of the array busy\n",
        grouped(int64_t(cycles.cycles)), grouped(int64_t(cycles.cycles_per_image)), milliseconds,
        target.clock_mhz, accel::mac_utilization(image.program, static_cast<double>(cycles.cycles)));
    Json json{{"model", image.graph.spec.name()},
              {"target", target.name},
              {"macs_per_cycle", target.macs_per_cycle()},
              {"passes", image.program.passes.size()},
              {"cycles", cycles.cycles},
              {"cycles_per_image", cycles.cycles_per_image},
              {"bytes", 4 * image.packet.size()},
              {"out", out.string()}};
    write_file(out / "results.json", json.dump(2) + "\n");
    return json;
  }

 private:
  static std::string memory_map(const accel::Program& program) {
    std::vector<std::vector<std::string>> rows{{"memory", "words used", "of", "bits a word"}};
    const accel::Target& target = program.target;
    for (int m = 0; m < accel::kMemories; ++m) {
      const auto memory = static_cast<accel::Memory>(m);
      const accel::Bank& bank = program.memories[static_cast<size_t>(m)];
      rows.push_back({accel::name_of(memory), grouped(bank.words()), grouped(accel::depth_of(memory, target)),
                      grouped(32 * bank.parts)});
    }
    uint32_t state = 0, activation = 0;
    for (const accel::Pass& pass : program.passes) {
      const accel::Descriptor& d = pass.descriptor;
      const uint32_t words = d.pixels_out * d.groups_out;
      if (d.dst == uint32_t(accel::Destination::kActivation))
        activation = std::max(activation, words);
      else if (d.dst != uint32_t(accel::Destination::kScores))
        state = std::max(state, words);
    }
    rows.push_back(
        {"state (largest map)", grouped(state), grouped(target.state_words), grouped(16 * target.lanes)});
    rows.push_back(
        {"activations", grouped(activation), grouped(target.activation_words), grouped(8 * target.lanes)});
    return text_table(rows);
  }

  // One line an operation, all its evaluations together.
  static std::string layers(const accel::Program& program, const accel::CycleModel& model) {
    struct Layer {
      std::string name;
      int passes = 0;
      int64_t cycles = 0, multiply = 0, macs = 0;
    };
    std::vector<Layer> layers;
    uint64_t before = 0;
    for (size_t i = 0; i < program.passes.size(); ++i) {
      const accel::Pass& pass = program.passes[i];
      auto layer = std::ranges::find(layers, pass.result, &Layer::name);
      if (layer == layers.end()) layer = layers.insert(layer, {.name = pass.result});
      ++layer->passes;
      layer->cycles += static_cast<int64_t>(model.passes[i].end - before);
      layer->multiply += static_cast<int64_t>(model.passes[i].multiply);
      layer->macs += pass.macs;
      before = model.passes[i].end;
    }
    std::vector<std::vector<std::string>> rows{
        {"layer", "passes", "cycles", "array multiplies, %", "array busy, %"}};
    for (const Layer& layer : layers) {
      const auto cycles = static_cast<double>(layer.cycles);
      rows.push_back({layer.name, std::to_string(layer.passes), grouped(layer.cycles),
                      fmt::format("{:.1f}", 100 * static_cast<double>(layer.multiply) / cycles),
                      fmt::format("{:.1f}", 100 * static_cast<double>(layer.macs) /
                                                (cycles * program.target.macs_per_cycle()))});
    }
    return text_table(rows);
  }

  std::string model_, target_ = "grid-16x16x1";
};

}  // namespace

std::unique_ptr<Verb> make_compile() { return std::make_unique<Compile>(); }

}  // namespace dsode::cli
