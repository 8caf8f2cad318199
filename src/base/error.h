// Errors that reach the user, and checks that catch our own bugs.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace dsode {

// Exit codes of the command line (contract).
enum class Code { kFailed = 1, kUsage = 2, kInterrupted = 130 };

// A command cannot go on. `what()` names the file and the field, `hint()` the remedy; `main` alone catches
// it.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& what, std::string hint = "")
      : std::runtime_error(what), code_(code), hint_(std::move(hint)) {}
  Code code() const { return code_; }
  const std::string& hint() const { return hint_; }

 private:
  Code code_;
  std::string hint_;
};

// Bad input or usage, exit code 2.
inline Error bad_input(const std::string& what, std::string hint = "") {
  return Error(Code::kUsage, what, std::move(hint));
}

// The work itself failed (disk full, NaN), exit code 1.
inline Error failed(const std::string& what, std::string hint = "") {
  return Error(Code::kFailed, what, std::move(hint));
}

[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& values);

}  // namespace dsode

// Aborts on a bug of ours, with the values given as fmt arguments. Never reachable from input.
#define DSODE_CHECK(condition, ...)                                                                       \
  do {                                                                                                    \
    if (!(condition)) ::dsode::check_failed(__FILE__, __LINE__, #condition, fmt::format("" __VA_ARGS__)); \
  } while (false)
