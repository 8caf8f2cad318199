// Running another program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dsode {

// The path of a program that PATH knows by one of these names, the first that is there; "" where none is.
std::string find_program(const std::vector<std::string>& names);

// Runs `arguments` (the program first) in `folder`, stdout and stderr into the file `log`; no shell is
// involved. Returns the exit status, 128 + n for a program that signal n ended. Throws failed where it cannot
// be started.
int run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                const std::filesystem::path& log);

}  // namespace dsode
