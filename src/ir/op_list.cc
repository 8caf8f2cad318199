#include "ir/op_list.h"

namespace dsode::ir {

namespace {

constexpr int kMaxName = 100;

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

OpEntry::OpEntry(const Json& json, std::string origin) : json_(json), origin_(std::move(origin)) {
  const bool named = json.is_object() && json.contains("name") && json.at("name").is_string();
  if (named) name_ = json.at("name").get<std::string>();
  if (name_.empty() || name_.size() > kMaxName)
    throw bad_input(fmt::format("{}: ops: an operation has no name", origin_), "the file is damaged");
}

Error OpEntry::refuse(const std::string& what, const std::string& hint) const {
  return bad_input(fmt::format("{}: operation {:?}: {}", origin_, name_, what), hint);
}

const Json& OpEntry::at(const char* field) const {
  if (!json_.contains(field)) throw refuse(fmt::format("{}: missing", field));
  return json_.at(field);
}

std::string OpEntry::text(const char* field) const {
  const Json& value = at(field);
  if (!value.is_string()) throw refuse(fmt::format("{}: not a text", field));
  return value.get<std::string>();
}

int OpEntry::number(const char* field, int lo, int hi) const {
  const Json& value = at(field);
  const bool whole =
      value.is_number_integer() && (value.is_number_unsigned() ? value.get<uint64_t>() <= INT64_MAX : true);
  if (!whole || value.get<int64_t>() < lo || value.get<int64_t>() > hi)
    throw refuse(fmt::format("{}: {} is not a whole number from {} to {}", field, value.dump(), lo, hi));
  return value.get<int>();
}

bool OpEntry::flag(const char* field) const {
  const Json& value = at(field);
  if (!value.is_boolean()) throw refuse(fmt::format("{}: neither true nor false", field));
  return value.get<bool>();
}

const Json& OpEntry::list(const char* field) const { return at(field); }

Json parse_op_list(const SafeTensors& file) {
  const auto found = file.metadata.find("ops");
  const Json list = found == file.metadata.end() ? Json() : Json::parse(found->second, nullptr, false);
  std::set<std::string> seen;
  check_names(list, file, seen);
  return list;
}

ModelSpec read_artifact_spec(const SafeTensors& file, const char* format, const std::string& remedy) {
  const auto stored = file.metadata.find("format"), spec = file.metadata.find("spec");
  if (stored == file.metadata.end() || stored->second != format || spec == file.metadata.end())
    throw bad_input(fmt::format("{}: metadata: format is not {}", file.origin, format), remedy);
  const Json json = Json::parse(spec->second, nullptr, false);
  if (json.is_discarded())
    throw bad_input(fmt::format("{}: metadata: spec is not JSON", file.origin), "the file is damaged");
  return spec_from_json(json, file.origin);
}

}  // namespace dsode::ir
