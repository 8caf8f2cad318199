// Things that register themselves by name, so that adding one touches no other file.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/names.h"

namespace dsode::adapt {

// `Info` has a `name`. Registrations happen before main, in any order; the list is sorted by name.
template <class Info>
class Registry {
 public:
  static const std::vector<Info>& all() { return list(); }

  static void add(Info info) {
    const auto at = std::ranges::lower_bound(list(), info.name, {}, &Info::name);
    list().insert(at, std::move(info));
  }

  // Throws bad_input naming `flag`, with the nearest name.
  static const Info& find(const std::string& name, const std::string& flag) {
    std::vector<std::string> names;
    for (const auto& info : all()) {
      if (info.name == name) return info;
      names.push_back(info.name);
    }
    throw bad_input(fmt::format("{}: unknown value '{}'", flag, name), unknown_name_hint(name, names));
  }

 private:
  static std::vector<Info>& list() {
    static std::vector<Info> infos;
    return infos;
  }
};

}  // namespace dsode::adapt
