#include "ir/json_guard.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

namespace dsode::ir {

namespace {

using nlohmann::json;

// On the parser's events, since its callbacks on a DOM take quadratic time.
class Guard : public nlohmann::json_sax<json> {
 public:
  Guard(const JsonLimits& limits, const std::function<void(const std::string&)>& refuse)
      : limits_(limits), refuse_(refuse) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(size_t, const std::string&, const json::exception&) override { return false; }

  bool key(string_t& name) override {
    if (name.size() > limits_.name_bytes) refuse_(fmt::format("a name of over {} bytes", limits_.name_bytes));
    auto& names = names_.back();
    if (names.size() == limits_.names) refuse_(fmt::format("an object of over {} names", limits_.names));
    if (!names.insert(name).second) refuse_(fmt::format("the name {:?} twice", name));
    return true;
  }

 private:
  bool open() {
    if (names_.size() == static_cast<size_t>(limits_.depth)) refuse_("nested too deeply");
    names_.emplace_back();
    return true;
  }
  bool close() {
    names_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  const std::function<void(const std::string&)>& refuse_;
  std::vector<std::set<std::string>> names_;  // of each open object, none of an array
};

}  // namespace

void guard_json(std::string_view text, const JsonLimits& limits,
                const std::function<void(const std::string&)>& refuse) {
  Guard guard(limits, refuse);
  json::sax_parse(text.begin(), text.end(), &guard);
}

}  // namespace dsode::ir
