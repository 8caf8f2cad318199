// Reading the operation list of an artifact: JSON from a hostile file.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/error.h"
#include "base/options.h"
#include "ir/safetensors.h"
#include "ir/spec.h"

namespace dsode::ir {

inline constexpr int kMaxOps = 4096, kMaxRows = 8192;

// One entry of the list. Every reader throws bad_input naming file, operation and field.
class OpEntry {
 public:
  OpEntry(const Json& json, std::string origin);

  const std::string& name() const { return name_; }
  std::string text(const char* field) const;
  int number(const char* field, int lo, int hi) const;
  bool flag(const char* field) const;
  const Json& list(const char* field) const;
  Error refuse(const std::string& what, const std::string& hint = "the file is damaged") const;
  const std::string& origin() const { return origin_; }

 private:
  const Json& at(const char* field) const;
  const Json& json_;
  std::string origin_, name_;
};

// The list in `file.metadata["ops"]`. Throws bad_input unless it is an array of 1 to kMaxOps objects whose
// names, inside loops too, are all different.
Json parse_op_list(const SafeTensors& file);

// The specification that every artifact carries. Throws bad_input with `remedy` where `file` is not of
// `format`.
ModelSpec read_artifact_spec(const SafeTensors& file, const char* format, const std::string& remedy);

}  // namespace dsode::ir
