// What a JSON text of an untrusted file may hold, checked before a DOM is built of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dsode::ir {

struct JsonLimits {
  int depth;          // of objects and arrays in each other
  size_t names;       // in one object
  size_t name_bytes;  // of a name
};

// Calls `refuse(what)`, which throws, on the first place beyond the limits and on a name that is twice in an
// object. Says nothing of texts that are not JSON: the DOM's parser will.
void guard_json(std::string_view text, const JsonLimits& limits,
                const std::function<void(const std::string&)>& refuse);

}  // namespace dsode::ir
