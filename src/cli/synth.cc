// dsodenet synth: what the accelerator takes of an FPGA.
#include "accel/synthesis.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/verbs.h"

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

class Synth : public Verb {
 public:
  std::string name() const override { return "synth"; }
  std::string help() const override { return "the accelerator's size on an FPGA, by Yosys"; }
  void declare(OptionSet& options) override {
    options.add("target", target_, "name of a target, or a target.toml");
  }
  std::string default_out() const override { return "runs/synth"; }

  Json run(const Globals& globals) override {
    const accel::Target target = accel::load_target(target_);
    const accel::Fpga& fpga = accel::fpga_of(target);
    const fs::path out = globals.out_or(default_out());
    make_output_dir(out, globals.force);
    const accel::Synthesis synthesis = accel::synthesize(target, out);
    fmt::print("{}\n{} multiplications a cycle on {}: {} levels of logic, {:.0f} s; {}\n",
               table(synthesis, fpga), target.macs_per_cycle(), fpga.name, synthesis.levels,
               synthesis.seconds, synthesis.tool);
    fmt::print("No tool here tells a clock for {}; {} MHz is assumed.\n", fpga.name, target.clock_mhz);
    Json json{{"target", target.name},
              {"fpga", fpga.name},
              {"tool", synthesis.tool},
              {"macs_per_cycle", target.macs_per_cycle()}};
    add(json, synthesis.total);
    json["fmax_mhz"] = nullptr;
    json["levels"] = synthesis.levels;
    json["seconds"] = synthesis.seconds;
    json["out"] = out.string();
    Json results = json;
    for (const accel::ModuleSize& size : synthesis.modules) {
      Json module{{"module", size.module}, {"instances", size.instances}};
      add(module, size.sum);
      results["modules"].push_back(module);
    }
    write_file(out / "results.json", results.dump(2) + "\n");
    return json;
  }

 private:
  static void add(Json& json, const accel::Resources& resources) {
    json["lut"] = resources.lut;
    json["ff"] = resources.ff;
    json["dsp"] = resources.dsp;
    json["bram36"] = resources.bram36;
    json["uram"] = resources.uram;
  }

  static std::vector<std::string> row(const std::string& name, const std::string& instances,
                                      const accel::Resources& r) {
    return {name,           instances,      grouped(r.lut),
            grouped(r.ff),  grouped(r.dsp), fmt::format("{:.1f}", r.bram36),
            grouped(r.uram)};
  }

  static std::string table(const accel::Synthesis& synthesis, const accel::Fpga& fpga) {
    std::vector<std::vector<std::string>> rows{{"module", "instances", "LUT", "FF", "DSP", "BRAM36", "URAM"}};
    for (const accel::ModuleSize& size : synthesis.modules)
      rows.push_back(row(size.module, grouped(size.instances), size.sum));
    rows.push_back(row("all", "", synthesis.total));
    rows.push_back(row(std::string(fpga.name), "", fpga.has));
    const auto percent = [](double used, double has) {
      return has > 0 ? fmt::format("{:.1f}", 100 * used / has) : std::string("-");
    };
    const accel::Resources &used = synthesis.total, &has = fpga.has;
    rows.push_back({"used, %", "", percent(double(used.lut), double(has.lut)),
                    percent(double(used.ff), double(has.ff)), percent(double(used.dsp), double(has.dsp)),
                    percent(used.bram36, has.bram36), percent(double(used.uram), double(has.uram))});
    return text_table(rows);
  }

  std::string target_ = "zcu104";
};

}  // namespace

std::unique_ptr<Verb> make_synth() { return std::make_unique<Synth>(); }

}  // namespace dsode::cli
