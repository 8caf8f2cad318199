#include "ir/op_list.h"

#include <set>

#include "ir/json_guard.h"

namespace dsode::ir {

namespace {

constexpr int kMaxName = 100;
constexpr JsonLimits kLimits{.depth = 8, .names = 64, .name_bytes = kMaxName};

// Loops do not nest.
void check_names(const Json& list, const SafeTensors& file, std::set<std::string>& seen,
                 bool inside = false) {
  if (!list.is_array() || list.empty() || list.size() > kMaxOps)
    throw bad_input(fmt::format("{}: ops: not a list of 1 to {} operations", file.origin, kMaxOps),
                    "the file is damaged");
  for (const Json& json : list) {
    const OpEntry entry(json, file.origin);
    if (!seen.insert(entry.name()).second) throw entry.refuse("name: used twice");
    if (!json.contains("body")) continue;
    if (inside) throw entry.refuse("body: a loop in a loop");
    check_names(json.at("body"), file, seen, true);
  }
}

}  // namespace

Error refuse_op(const std::string& origin, const std::string& name, const std::string& what,
                const std::string& hint) {
  return bad_input(fmt::format("{}: operation {:?}: {}", origin, name, what), hint);
}

OpEntry::OpEntry(const Json& json, std::string origin) : json_(json), origin_(std::move(origin)) {
  const bool named = json.is_object() && json.contains("name") && json.at("name").is_string();
  if (named) name_ = json.at("name").get<std::string>();
  if (name_.empty() || name_.size() > kMaxName)
    throw bad_input(fmt::format("{}: ops: an operation has no name", origin_), "the file is damaged");
}

const Json& OpEntry::at(const char* field) const {
  if (!json_.contains(field)) throw refuse(fmt::format("{}: missing", field));
  return json_.at(field);
}

void OpEntry::operator()(const char* field, std::string& value,
                         const std::vector<std::string>& choices) const {
  const Json& json = at(field);
  if (!json.is_string() || json.get_ref<const std::string&>().size() > kMaxName)
    throw refuse(fmt::format("{}: not a text of at most {} bytes", field, kMaxName));
  value = json.get<std::string>();
  if (std::ranges::find(choices, value) == choices.end())
    throw refuse(fmt::format("{}: unknown value '{}'", field, value), unknown_name_hint(value, choices));
}

void OpEntry::operator()(const char* field, int& value, int lo, int hi) const {
  const Json& json = at(field);
  const bool whole =
      json.is_number_integer() && (json.is_number_unsigned() ? json.get<uint64_t>() <= INT64_MAX : true);
  if (!whole || json.get<int64_t>() < lo || json.get<int64_t>() > hi)
    throw refuse(fmt::format("{}: {} is not a whole number from {} to {}", field,
                             json.is_number() ? json.dump() : json.type_name(), lo, hi));
  value = json.get<int>();
}

void OpEntry::operator()(const char* field, bool& value) const {
  const Json& json = at(field);
  if (!json.is_boolean()) throw refuse(fmt::format("{}: neither true nor false", field));
  value = json.get<bool>();
}

Json metadata_json(const SafeTensors& file, const std::string& key) {
  const auto refuse = [&](const std::string& what) {
    return bad_input(fmt::format("{}: metadata: {}: {}", file.origin, key, what), "the file is damaged");
  };
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) throw refuse("missing");
  guard_json(found->second, kLimits, [&](const std::string& what) { throw refuse(what); });
  Json json = Json::parse(found->second, nullptr, false);
  if (json.is_discarded()) throw refuse("not JSON");
  return json;
}

Json parse_op_list(const SafeTensors& file) {
  Json list = metadata_json(file, "ops");
  std::set<std::string> seen;
  check_names(list, file, seen);
  return list;
}

std::string artifact_format(const SafeTensors& file) {
  const auto found = file.metadata.find("format");
  return found == file.metadata.end() ? "" : found->second;
}

ModelSpec read_artifact_spec(const SafeTensors& file, const char* format, const std::string& remedy) {
  const std::string stored = artifact_format(file);
  if (stored != format)
    throw bad_input(fmt::format("{}: metadata: format is {}, not {}", file.origin,
                                stored.empty() ? "missing" : stored, format),
                    remedy);
  return spec_from_json(metadata_json(file, "spec"), file.origin);
}

}  // namespace dsode::ir
