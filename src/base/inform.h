// Lines for people from folders that a library without a log is made of as well.
#pragma once

#include <string>

namespace dsode {

// Says nothing until setup_logging().
inline void (*inform)(const std::string& line) = [](const std::string&) {};

}  // namespace dsode
