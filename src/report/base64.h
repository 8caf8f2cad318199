// Bytes as text: pictures inside HTML and JSON (RFC 4648, padded, no line breaks).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dsode::report {

std::string to_base64(std::string_view bytes);
// Nothing where `text` is not exactly what to_base64 writes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace dsode::report
