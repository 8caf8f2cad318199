#include "cli/accelerator_report.h"

#include <fmt/format.h>

#include "accel/records.h"
#include "base/text_table.h"

namespace dsode::cli {

namespace {

std::string share(const std::string& count, double used, double has) {
  return fmt::format("{} ({:.1f} %)", count, 100 * used / has);
}

std::string share(int64_t used, int64_t has) {
  return share(grouped(used), static_cast<double>(used), static_cast<double>(has));
}

report::TextTable resources_table() {
  report::TextTable table{.header = {"target", "products a cycle", "LUT", "FF", "DSP", "BRAM36", "URAM"},
                          .rows = {}};
  const accel::Fpga* fpga = nullptr;
  for (const accel::SynthesisRecord& record : accel::synthesis_records()) {
    fpga = &accel::fpga_of(record.target);
    const accel::Resources &used = record.used, &has = fpga->has;
    table.rows.push_back({record.target.name, grouped(record.target.macs_per_cycle()),
                          share(used.lut, has.lut), share(used.ff, has.ff), share(used.dsp, has.dsp),
                          share(fmt::format("{:g}", used.bram36), used.bram36, has.bram36),
                          share(used.uram, has.uram)});
  }
  if (fpga)
    table.rows.push_back({"ZCU104 has", "", grouped(fpga->has.lut), grouped(fpga->has.ff),
                          grouped(fpga->has.dsp), fmt::format("{:g}", fpga->has.bram36),
                          grouped(fpga->has.uram)});
  return table;
}

double milliseconds(const Json& simulated) {
  return simulated.at("cycles").get<double>() / (1000 * simulated.at("clock_mhz").get<double>());
}

constexpr const char* kMethod =
    " The A53's time is clang's code for it in llvm-mca's in-order simulation, times how often each loop "
    "goes round, and 13 cycles for each line that misses the first cache. Of the NEON kernels two loops "
    "count, not what stands around them, and no misses. The range is what the same method is off by for the "
    "plain loops on an x86, where it can be measured (tools/a53_estimate.py).";

std::string range(const accel::Estimate& time, double times, int decimals) {
  return fmt::format("{0:.{3}f} ({1:.{3}f} to {2:.{3}f})", times * time.ms, times * time.lo, times * time.hi,
                     decimals);
}

}  // namespace

report::Section on_the_accelerator(const Json& compiled, const Json& simulated) {
  const auto count = [](const Json& json, const char* key) { return grouped(json.at(key).get<int64_t>()); };
  return {
      .title = "On the accelerator",
      .text =
          "The same integers on the FPGA accelerator: its RTL, simulated cycle by cycle, every map inside "
          "compared with the golden interpreter. The clock is an assumption, no tool here can tell it. "
          "Sizes are those that Yosys counts for the XCZU7EV of the ZCU104, before placement.",
      .facts = {{"target", fmt::format("{}, {} products a cycle", compiled.at("target").get<std::string>(),
                                       count(compiled, "macs_per_cycle"))},
                {"values compared, differing",
                 fmt::format("{}, {}", count(simulated, "compared"), count(simulated, "mismatches"))},
                {"cycles an image", count(simulated, "cycles")},
                {fmt::format("time an image at {} MHz", simulated.at("clock_mhz").get<int>()),
                 fmt::format("{:.3f} ms", milliseconds(simulated))},
                {"products by those the array could make",
                 fmt::format("{:.1f} %", simulated.at("mac_utilization").get<double>())}},
      .table = resources_table()};
}

report::Section beside_software(const Json& simulated) {
  report::TextTable table{.header = {"an image, one at a time", "ms"}, .rows = {}};
  const auto row = [&](const std::string& what, const std::string& value) {
    table.rows.push_back({what, value});
  };
  row(fmt::format("accelerator, {}: cycles of the simulation at an assumed {} MHz",
                  simulated.at("target").get<std::string>(), simulated.at("clock_mhz").get<int>()),
      fmt::format("{:.3f}", milliseconds(simulated)));
  const auto record =
      accel::software_record(simulated.at("model").get<std::string>(), simulated.at("macs").get<int64_t>());
  if (record) {
    const auto estimated = [&](const std::string& what, const accel::Estimate& time) {
      row(what + ", one Cortex-A53 of the ZCU104 at 1.2 GHz: estimate and its range", range(time, 1, 1));
      row("the same, its four cores: a quarter of that, which no program reaches", range(time, 1. / 4, 1));
    };
    estimated("plain C++ loops", record->plain);
    estimated("the NEON kernels of libdsode, their loops that multiply alone", record->neon);
    row(fmt::format("plain C++ loops, one core of an {}: measured beforehand", record->cpu),
        fmt::format("{:.2f}", record->x86));
  }
  row("golden interpreter, one core of this machine: measured in this run",
      fmt::format("{:.2f}", simulated.at("golden_ms").get<double>()));
  return {
      .title = "Beside software",
      .text = fmt::format(
          "None of these was measured on the board, so they are no race: read the size, not the digits.{}",
          record ? kMethod : ""),
      .facts = {},
      .table = std::move(table)};
}

report::Section beside_the_paper(const std::vector<report::ModelSize>& sizes, const Json& simulated) {
  report::TextTable table{.header = {"", "the paper", "here"}, .rows = {}};
  const auto& model = simulated.at("model").get_ref<const std::string&>();
  for (const report::ModelSize& size : sizes)
    if (size.name == model && size.core_reduction_vs_odenet)
      table.rows.push_back({"core parameters fewer than the Neural ODE's", "54.2 to 79.8 %",
                            fmt::format("{:.1f} %", *size.core_reduction_vs_odenet)});
  table.rows.push_back({"on the FPGA", "all but first and last layers", "all, pixels to scores"});
  table.rows.push_back({"run", "on a ZCU104", "simulated"});
  if (const auto record = accel::software_record(model, simulated.at("macs").get<int64_t>())) {
    const double ms = milliseconds(simulated);
    table.rows.push_back({"times faster than software on the Cortex-A53", "23.8 (27.9 in its first version)",
                          range(record->plain, 1 / ms, 0)});
    table.rows.push_back({"than the NEON kernels' loops that multiply", "", range(record->neon, 1 / ms, 0)});
    table.rows.push_back({"these times are", "measured", "assumed clock, estimated software"});
  }
  return {.title = "Beside the paper",
          .text =
              "arXiv 2107.12824. Its network, numbers and software are not known to us in detail, and a "
              "measurement is no estimate: the last rows say where both stand, not which is faster.",
          .facts = {},
          .table = std::move(table)};
}

}  // namespace dsode::cli
