// dsodenet synth: what the accelerator takes of an FPGA.
#include "accel/synthesis.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text_table.h"
#include "cli/verbs.h"

namespace dsode::cli {

namespace {

namespace fs = std::filesystem;

class Synth : public Verb {
 public:
  std::string name() const override { return "synth"; }
  std::string help() const override {
    return "the accelerator's size on an FPGA, by Yosys; its clock where nextpnr knows the FPGA";
  }
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
    fmt::print("{}\n{} multiplications a cycle on {}: {} levels of logic, {:.0f} s; {}\n{}\n",
               table(synthesis, fpga), target.macs_per_cycle(), fpga.name, synthesis.levels,
               synthesis.seconds, synthesis.tool, clock(synthesis, fpga, target, out));
    Json json{{"target", target.name},
              {"fpga", fpga.name},
              {"tool", synthesis.tool},
              {"macs_per_cycle", target.macs_per_cycle()}};
    add(json, synthesis.total);
    const std::optional<accel::Routing>& routing = synthesis.routing;
    json["fmax_mhz"] = routing ? Json(routing->fmax_mhz) : Json();
    if (routing) {
      json["path_ns"] = routing->path_ns;
      json["path_cells"] = routing->path_cells;
      json["bitstream"] = (out / accel::kBitstream).string();
    }
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
    const std::string beyond = accel::beyond_budget(target, synthesis.total);
    if (!beyond.empty())
      throw failed(fmt::format("{} takes more than its budget: {}", target.name, beyond),
                   "make it smaller, or raise max_... in its target.toml");
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

  static std::string clock(const accel::Synthesis& synthesis, const accel::Fpga& fpga,
                           const accel::Target& target, const fs::path& out) {
    if (synthesis.routing) {
      const accel::Routing& routing = *synthesis.routing;
      return fmt::format(
          "Routed: {:.1f} MHz; the slowest path, {:.1f} ns, leads through {} cells from {} to {}.\n"
          "Bitstream: {}",
          routing.fmax_mhz, routing.path_ns, routing.path_cells, routing.from, routing.to,
          (out / accel::kBitstream).string());
    }
    if (!synthesis.missing.empty())
      return fmt::format("No clock without place and route: {}.", synthesis.missing);
    return fmt::format("No tool here tells a clock for {}; {} MHz is assumed.", fpga.name, target.clock_mhz);
  }

  // Of what the FPGA has none there is no column.
  static std::vector<std::string> row(const std::string& name, const std::string& instances,
                                      const accel::Resources& r, const accel::Fpga& fpga) {
    std::vector<std::string> row{name,           instances,
                                 grouped(r.lut), grouped(r.ff),
                                 grouped(r.dsp), fmt::format("{:g}", r.bram36 * fpga.memories)};
    if (fpga.has.uram > 0) row.push_back(grouped(r.uram));
    return row;
  }

  static std::string table(const accel::Synthesis& synthesis, const accel::Fpga& fpga) {
    std::vector<std::vector<std::string>> rows{
        {"module", "instances", "LUT", "FF", "DSP", std::string(fpga.memory)}};
    if (fpga.has.uram > 0) rows[0].push_back("URAM");
    for (const accel::ModuleSize& size : synthesis.modules)
      rows.push_back(row(size.module, grouped(size.instances), size.sum, fpga));
    rows.push_back(row("all", "", synthesis.total, fpga));
    rows.push_back(row(std::string(fpga.name), "", fpga.has, fpga));
    const auto percent = [](auto used, auto has) {
      return fmt::format("{:.1f}", 100 * static_cast<double>(used) / static_cast<double>(has));
    };
    const accel::Resources &used = synthesis.total, &has = fpga.has;
    rows.push_back({"used, %", "", percent(used.lut, has.lut), percent(used.ff, has.ff),
                    percent(used.dsp, has.dsp), percent(used.bram36, has.bram36)});
    if (has.uram > 0) rows.back().push_back(percent(used.uram, has.uram));
    return text_table(rows);
  }

  std::string target_ = "zcu104";
};

}  // namespace

std::unique_ptr<Verb> make_synth() { return std::make_unique<Synth>(); }

}  // namespace dsode::cli
