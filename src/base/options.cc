#include "base/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace dsode {

namespace {

std::string snake_case(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

template <class T>
T parse_number(const std::string& text, const std::string& origin, const char* kind) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw bad_input(fmt::format("{}: '{}' is not {}", origin, text, kind), fmt::format("give {}", kind));
  return value;
}

}  // namespace

std::string Option::flag() const {
  std::string kebab = name;
  std::ranges::replace(kebab, '_', '-');
  return "--" + kebab;
}

void OptionSet::parse_value(const std::string& text, const std::string& origin,
                            const std::vector<std::string>&, bool& target) {
  if (text == "true" || text == "1" || text == "on" || text == "yes")
    target = true;
  else if (text == "false" || text == "0" || text == "off" || text == "no")
    target = false;
  else
    throw bad_input(fmt::format("{}: '{}' is neither true nor false", origin, text), "write true or false");
}

void OptionSet::parse_value(const std::string& text, const std::string& origin,
                            const std::vector<std::string>&, int& target) {
  target = parse_number<int>(text, origin, "a whole number");
}

void OptionSet::parse_value(const std::string& text, const std::string& origin,
                            const std::vector<std::string>&, uint64_t& target) {
  target = parse_number<uint64_t>(text, origin, "a whole number from 0");
}

void OptionSet::parse_value(const std::string& text, const std::string& origin,
                            const std::vector<std::string>&, double& target) {
  target = parse_number<double>(text, origin, "a number");
  if (!std::isfinite(target))
    throw bad_input(fmt::format("{}: '{}' is not finite", origin, text), "give a finite number");
}

void OptionSet::parse_value(const std::string& text, const std::string& origin,
                            const std::vector<std::string>& choices, std::string& target) {
  if (!choices.empty() && std::ranges::find(choices, text) == choices.end())
    throw bad_input(fmt::format("{}: unknown value '{}'", origin, text), unknown_name_hint(text, choices));
  target = text;
}

void OptionSet::parse_value(const std::string& text, const std::string& origin,
                            const std::vector<std::string>&, std::vector<int>& target) {
  std::vector<int> values;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(",/", begin), text.size());
    values.push_back(parse_number<int>(text.substr(begin, end - begin), origin,
                                       "a list of whole numbers such as 16,32,64"));
    begin = end + 1;
  }
  target = std::move(values);
}

bool OptionSet::has(const std::string& name) const {
  return std::ranges::find(options_, name, &Option::name) != options_.end();
}

void OptionSet::set(const std::string& name, const std::string& text, const std::string& origin) {
  const std::string key = snake_case(name);
  const auto it = std::ranges::find(options_, key, &Option::name);
  if (it == options_.end()) {
    std::vector<std::string> names;
    for (const auto& option : options_) names.push_back(option.name);
    throw bad_input(fmt::format("{}: unknown option '{}'", origin, name), unknown_name_hint(key, names));
  }
  it->parse(text, origin);
}

std::string OptionSet::to_toml() const {
  std::string text;
  for (const auto& option : options_) {
    const Json value = option.value();
    if (!value.is_null()) text += fmt::format("{} = {}\n", option.name, value.dump());
  }
  return text;
}

Json OptionSet::to_json() const {
  Json json = Json::object();
  for (const auto& option : options_) json[option.name] = option.value();
  return json;
}

}  // namespace dsode
