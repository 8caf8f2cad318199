// Named options bound to plain struct fields: one declaration serves the command line (kebab-case flags),
// `key=value` arguments, flat TOML files and JSON (snake_case keys).
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dsode {

using Json = nlohmann::ordered_json;

struct Option {
  std::string name;  // snake_case
  std::string help;
  std::vector<std::string> choices;  // allowed values, empty: any
  bool is_flag = false;
  std::function<void(const std::string& text, const std::string& origin)> parse;
  std::function<Json()> value;  // null where an optional is not set

  std::string flag() const;  // "--snake-case"
};

class OptionSet {
 public:
  // Binds `target` (bool, int, uint64_t, double, std::string, std::vector<int>, or an optional of one) to
  // `name`.
  template <class T>
  void add(const std::string& name, T& target, const std::string& help,
           std::vector<std::string> choices = {}) {
    Option option{name, help, std::move(choices), std::is_same_v<T, bool>, {}, {}};
    option.parse = [&target, allowed = option.choices](const std::string& text, const std::string& origin) {
      parse_value(text, origin, allowed, target);
    };
    option.value = [&target] { return to_json_value(target); };
    options_.push_back(std::move(option));
  }

  bool has(const std::string& name) const;
  // Throws bad_input naming `origin` ("--steps", "run.toml: steps") on an unknown name or a value that does
  // not parse.
  void set(const std::string& name, const std::string& text, const std::string& origin);
  // Sets every key of a flat TOML file.
  void load_toml(const std::filesystem::path& path);
  void parse_toml(std::string_view text, const std::string& origin);

  std::string to_toml() const;
  Json to_json() const;
  const std::vector<Option>& options() const { return options_; }

 private:
  template <class T>
  static void parse_value(const std::string& text, const std::string& origin,
                          const std::vector<std::string>& choices, std::optional<T>& target) {
    T value{};
    parse_value(text, origin, choices, value);
    target = value;
  }
  static void parse_value(const std::string&, const std::string&, const std::vector<std::string>&, bool&);
  static void parse_value(const std::string&, const std::string&, const std::vector<std::string>&, int&);
  static void parse_value(const std::string&, const std::string&, const std::vector<std::string>&, uint64_t&);
  static void parse_value(const std::string&, const std::string&, const std::vector<std::string>&, double&);
  static void parse_value(const std::string&, const std::string&, const std::vector<std::string>&,
                          std::string&);
  static void parse_value(const std::string&, const std::string&, const std::vector<std::string>&,
                          std::vector<int>&);

  template <class T>
  static Json to_json_value(const T& value) {
    return value;
  }
  template <class T>
  static Json to_json_value(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
  }

  std::vector<Option> options_;
};

}  // namespace dsode
