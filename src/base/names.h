// Finding the name that the user probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsode {

// The candidate of least edit distance, or "" where none is near (distance above a third of its length, at
// least 2).
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

// "did you mean 'x'? known: a, b, c": the hint of an unknown-name error.
std::string unknown_name_hint(std::string_view name, std::span<const std::string> candidates);

}  // namespace dsode
