#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"

namespace dsode {

namespace {

std::string toml_text(const toml::node& node, const std::string& origin) {
  if (auto v = node.value_exact<std::string>()) return *v;
  if (auto v = node.value_exact<bool>()) return *v ? "true" : "false";
  if (auto v = node.value_exact<int64_t>()) return std::to_string(*v);
  if (auto v = node.value_exact<double>()) return fmt::format("{}", *v);
  if (const auto* array = node.as_array()) {
    std::vector<std::string> parts;
    for (const auto& element : *array) parts.push_back(toml_text(element, origin));
    return fmt::format("{}", fmt::join(parts, ","));
  }
  throw bad_input(fmt::format("{}: unsupported value", origin),
                  "the file is flat: numbers, strings, booleans, lists");
}

}  // namespace

void OptionSet::load_toml(const std::filesystem::path& path) { parse_toml(read_text(path), path.string()); }

void OptionSet::parse_toml(std::string_view text, const std::string& origin) {
  toml::table table;
  try {
    table = toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    throw bad_input(fmt::format("{}:{}: {}", origin, error.source().begin.line, error.description()),
                    "the file is flat TOML: one `key = value` a line");
  }
  for (const auto& [key, node] : table) {
    const std::string field = fmt::format("{}: {}", origin, key.str());
    set(std::string(key.str()), toml_text(node, field), field);
  }
}

}  // namespace dsode
