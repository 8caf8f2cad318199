// dsodenet simulate: the accelerator's RTL, cycle by cycle, against the golden interpreter.
#include <chrono>

#include "accel/cycle_model.h"
#include "accel/driver.h"
#include "accel/image.h"
#include "accel/layer_check.h"
#include "accel/packet.h"
#include "accel/simulation.h"
#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "base/text_table.h"
#include "cli/inputs.h"
#include "cli/verbs.h"
#include "data/subset.h"

namespace dsode::cli {

namespace {

class Simulate : public Verb {
 public:
  std::string name() const override { return "simulate"; }
  std::string help() const override {
    return "run the accelerator's RTL on images, compare it with the golden model";
  }
  void declare(OptionSet& options) override {
    options.add("image", image_, "folder that compile wrote");
    options.add("data", data_, "data set, labels are not read");
    options.add("images", images_, "use the first images of it");
    options.add("trace_layers", trace_layers_, "compare every map inside, not only the scores");
    options.add("stall", stall_, "share of cycles in which the streams wait, 0 to 0.9");
    options.add("wave", wave_, "write an FST file of all signals");
  }

  Json run(const Globals& globals) override {
    require_option(image_, "--image", "name a folder that dsodenet compile wrote");
    require_option(data_, "--data", "name a data set, such as folder:PATH");
    if (images_ < 1 || images_ > 0xffff)
      throw bad_input(fmt::format("--images: {}", images_), "give 1 to 65535");
    if (!(stall_ >= 0 && stall_ <= 0.9)) throw bad_input(fmt::format("--stall: {}", stall_), "give 0 to 0.9");
    if (!wave_.empty()) refuse_existing(globals, "--wave", wave_);
    const accel::Image image = accel::load_image(image_);
    const data::UnlabelledSet set =
        load_unlabelled_for(globals, image.graph.spec, data_, data::Split::kTest, images_);
    const auto start = std::chrono::steady_clock::now();
    const Result result = simulate(globals, image, set.images);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    print(image, result, seconds);
    return to_json(image, result, set.images, seconds);
  }

 private:
  struct Result {
    uint64_t mismatches = 0, compared = 0, cycles = 0, simulated = 0;
    double cycles_per_image = 0;
    accel::Counters counters;  // of the run of all images
    std::vector<accel::LayerResult> layers;
  };

  Result simulate(const Globals& globals, const accel::Image& image, const data::Images& images) const {
    accel::LayerCheck check(image.program, image.graph);
    accel::Simulation simulation(image.program.target.name,
                                 {.seed = globals.seed, .stall = 0, .wave = wave_});
    accel::Driver driver(simulation, image.program.target);
    driver.load(image.packet);
    if (trace_layers_) simulation.watch(&check);
    Result result;
    // One image on an idle core, then all of them back to back.
    const auto run = [&](const data::Images& some) {
      accel::Scores expected;
      for (int i = 0; i < some.n; ++i) expected.push_back(check.expect(some[i]));
      result.mismatches += accel::count_differing(driver.run(accel::image_packets(some)), expected);
      result.compared += expected.size() * static_cast<size_t>(image.program.classes);
    };
    run(data::head(images, 1));
    result.cycles = simulation.received_at().back() - simulation.sent_at().back() + 1;
    simulation.stall(stall_);
    run(images);
    const std::vector<uint64_t>& ends = simulation.received_at();
    const auto n = static_cast<size_t>(images.n);
    result.cycles_per_image =
        n > 1 ? static_cast<double>(ends.back() - ends[ends.size() - n]) / static_cast<double>(n - 1)
              : static_cast<double>(result.cycles);
    result.counters = driver.counters();
    result.simulated = simulation.cycle();
    if (trace_layers_) {
      result.layers = check.results();
      for (const accel::LayerResult& layer : result.layers) {
        result.mismatches += layer.differing;
        result.compared += layer.elements;
      }
      if (!check.complete()) throw failed("simulate: the accelerator did not run every pass of every image");
    }
    return result;
  }

  void print(const accel::Image& image, const Result& result, double seconds) const {
    const accel::Target& target = image.program.target;
    if (!result.layers.empty()) {
      std::vector<std::vector<std::string>> rows{{"operation", "elements", "differing"}};
      for (const accel::LayerResult& layer : result.layers)
        if (layer.elements > 0)
          rows.push_back({layer.op, grouped(int64_t(layer.elements)), grouped(int64_t(layer.differing))});
      fmt::print("{}\n", text_table(rows));
    }
    const accel::Counters& c = result.counters;
    const auto share = [&](uint32_t count) { return fmt::format("{:.1f}", 100.0 * count / c.cycles); };
    fmt::print("{}", text_table({{"of the cycles of all images", "%"},
                                 {"the array multiplies", share(c.multiply)},
                                 {"it waits for an operand", share(c.back_operand)},
                                 {"it waits for the drain", share(c.back_drain)},
                                 {"the front waits for its source", share(c.front_source)},
                                 {"the front waits for room", share(c.front_room)}}));
    const auto cycles = static_cast<double>(result.cycles);
    fmt::print(
        "\n{} of {} values differ from the golden interpreter\n"
        "{} cycles an image on {} ({} MAC a cycle), {:.3f} ms at an assumed {} MHz; back to back {} cycles\n"
        "array busy {:.1f} %, all multipliers {:.1f} %; simulated {} cycles at {} a second\n",
        grouped(int64_t(result.mismatches)), grouped(int64_t(result.compared)),
        grouped(int64_t(result.cycles)), target.name, grouped(target.macs_per_cycle()),
        cycles / (1000.0 * target.clock_mhz), target.clock_mhz, grouped(int64_t(result.cycles_per_image)),
        accel::mac_utilization(image.program, cycles), accel::multiplier_utilization(image.program, cycles),
        grouped(int64_t(result.simulated)), grouped(int64_t(double(result.simulated) / seconds)));
    if (result.mismatches > 0) throw failed("simulate: the accelerator differs from the golden interpreter");
  }

  // The same integers in plain C++ on one core, an image.
  static double golden_milliseconds(const accel::Image& image, const data::Images& images) {
    quant::Golden golden(image.graph);
    std::vector<int32_t> scores(static_cast<size_t>(image.program.classes));
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < images.n; ++i) golden.run(images[i], scores);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() /
           images.n;
  }

  Json to_json(const accel::Image& image, const Result& result, const data::Images& images,
               double seconds) const {
    int64_t macs = 0;
    for (const accel::Pass& pass : image.program.passes) macs += pass.macs + pass.window_macs;
    const auto cycles = static_cast<double>(result.cycles);
    return {{"model", image.graph.spec.name()},
            {"target", image.program.target.name},
            {"images", images.n},
            {"mismatches", result.mismatches},
            {"compared", result.compared},
            {"cycles", result.cycles},
            {"cycles_per_image", result.cycles_per_image},
            {"mac_utilization", accel::mac_utilization(image.program, cycles)},
            {"multiplier_utilization", accel::multiplier_utilization(image.program, cycles)},
            {"macs", macs},
            {"clock_mhz", image.program.target.clock_mhz},
            {"golden_ms", golden_milliseconds(image, images)},
            {"simulated_cycles_per_second", static_cast<double>(result.simulated) / seconds},
            {"seconds", seconds}};
  }

  std::string image_, data_, wave_;
  int images_ = 20;
  bool trace_layers_ = false;
  double stall_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_simulate() { return std::make_unique<Simulate>(); }

}  // namespace dsode::cli
