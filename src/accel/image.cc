#include "accel/image.h"

#include "accel/compile.h"
#include "accel/config_package.h"
#include "accel/packet.h"
#include "base/error.h"
#include "base/file.h"
#include "ir/json_guard.h"

namespace dsode::accel {

namespace {

namespace fs = std::filesystem;

constexpr const char *kConfig = "config.json", *kPacket = "model.bin", *kPackage = "dsode_cfg_pkg.sv",
                     *kRemedy = "compile the model again: dsodenet compile";
constexpr ir::JsonLimits kLimits{.depth = 4, .names = 64, .name_bytes = 64};  // of config.json

Json to_json(const Pass& pass) {
  Json json{
      {"norm", pass.norm}, {"window", pass.window}, {"result", pass.result}, {"evaluation", pass.evaluation}};
  visit_fields(pass.descriptor, [&](const char* name, int, uint32_t value) { json[name] = value; });
  return json;
}

std::string config(const Image& image) {
  Target target = image.program.target;
  OptionSet options;
  target.declare(options);
  Json json{{"format", kImageFormat},
            {"target", target.name},
            {"fingerprint", fingerprint(target)},
            {"parameters", options.to_json()},
            {"passes", Json::array()}};
  for (const Pass& pass : image.program.passes) json["passes"].push_back(to_json(pass));
  return json.dump(1) + "\n";
}

Target read_target(const fs::path& path) {
  const auto refuse = [&](const char* field) {
    return bad_input(fmt::format("{}: {}: missing or not what {} has", path.string(), field, kImageFormat),
                     kRemedy);
  };
  const std::string text = read_text(path);
  ir::guard_json(text, kLimits, [&](const std::string& what) {
    throw bad_input(fmt::format("{}: {}", path.string(), what), kRemedy);
  });
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("format") || json["format"] != kImageFormat) throw refuse("format");
  if (!json.contains("target") || !json["target"].is_string()) throw refuse("target");
  if (!json.contains("parameters") || !json["parameters"].is_object()) throw refuse("parameters");
  Target target;
  OptionSet options;
  target.declare(options);
  target.name = json["target"];
  if (target.name.find('/') != std::string::npos) throw refuse("target");  // it names a simulator's file
  for (const auto& [name, value] : json["parameters"].items())
    options.set(name, value.is_string() ? value.get<std::string>() : value.dump(),
                fmt::format("{}: {}", path.string(), name));
  target.check(path.string());
  if (!json.contains("fingerprint") || json["fingerprint"] != fingerprint(target))
    throw refuse("fingerprint");
  return target;
}

std::span<const uint8_t> bytes_of(const std::vector<uint32_t>& words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), 4 * words.size()};
}

}  // namespace

bool is_image(const fs::path& dir) {
  std::error_code ignored;
  return fs::is_regular_file(dir / kConfig, ignored);
}

void save_image(const fs::path& dir, const Image& image) {
  ir::integer::save(dir, image.graph);
  write_file(dir / kPackage, config_package(image.program.target));
  write_file(dir / kPacket, bytes_of(image.packet));
  write_file(dir / kConfig, config(image));
}

Image load_image(const fs::path& dir) {
  if (!is_image(dir))
    throw bad_input(fmt::format("{}: not a folder with a {}", dir.string(), kConfig),
                    "name a folder that `dsodenet compile` wrote");
  const Target target = read_target(dir / kConfig);
  Image image;
  image.graph = ir::integer::load(dir);
  image.program = compile(image.graph, target, dir / ir::integer::kFileName);
  image.packet = model_packet(image.program);
  const auto require = [&](bool same, const char* file) {
    if (!same)
      throw bad_input(fmt::format("{}: is not what {} compiles to for target {}", (dir / file).string(),
                                  ir::integer::kFileName, target.name),
                      kRemedy);
  };
  require(read_text(dir / kConfig) == config(image), kConfig);
  require(std::ranges::equal(read_file(dir / kPacket), bytes_of(image.packet)), kPacket);
  return image;
}

}  // namespace dsode::accel
