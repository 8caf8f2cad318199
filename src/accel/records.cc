#include "accel/records.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "accel/shipped_records.h"

namespace dsode::accel {

using Json = nlohmann::ordered_json;

namespace {

Estimate estimate(const Json& row, const std::string& key) {
  return {row.at(key).get<double>(), row.at(key + "_lo").get<double>(), row.at(key + "_hi").get<double>()};
}

}  // namespace

std::vector<SynthesisRecord> synthesis_records() {
  std::vector<SynthesisRecord> records;
  for (const Json& row : Json::parse(kResources))
    records.push_back({.target = load_target(row.at("target").get<std::string>()),
                       .tool = row.at("tool").get<std::string>(),
                       .used = {.lut = row.at("lut").get<int64_t>(),
                                .ff = row.at("ff").get<int64_t>(),
                                .dsp = row.at("dsp").get<int64_t>(),
                                .bram36 = row.at("bram36").get<double>(),
                                .uram = row.at("uram").get<int64_t>()},
                       .levels = row.at("levels").get<int>()});
  std::ranges::stable_sort(records, {},
                           [](const SynthesisRecord& record) { return record.target.macs_per_cycle(); });
  return records;
}

std::optional<SoftwareRecord> software_record(const std::string& model, int64_t macs) {
  const Json json = Json::parse(kSoftware);
  for (const Json& row : json.at("models"))
    if (row.at("model") == model && row.at("macs") == macs)
      return SoftwareRecord{.plain = estimate(row, "a53_ms"),
                            .neon = estimate(row, "neon_int8_ms"),
                            .x86 = row.at("x86_ms").get<double>(),
                            .cpu = json.at("host").at("name").get<std::string>()};
  return std::nullopt;
}

}  // namespace dsode::accel
