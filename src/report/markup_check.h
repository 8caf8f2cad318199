// For tests: whether markup is well-formed XML, as far as our writers could go wrong.
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace dsode::report {

namespace markup {

inline bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == ':'; }

// Steps over ` name="value"` pairs; the fault, or "".
inline std::string attribute_fault(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ' ') return "no space before attribute: " + std::string(text);
    text.remove_prefix(1);
    size_t i = 0;
    while (i < text.size() && is_name(text[i])) ++i;
    if (i == 0 || text.substr(i, 2) != "=\"") return "attribute without quotes: " + std::string(text);
    const size_t end = text.find('"', i + 2);
    if (end == std::string_view::npos || text.substr(i, end - i).find('<') != std::string_view::npos)
      return "attribute value: " + std::string(text);
    text.remove_prefix(end + 1);
  }
  return "";
}

inline std::string text_fault(std::string_view text) {
  for (size_t i = text.find('&'); i != std::string_view::npos; i = text.find('&', i + 1)) {
    const size_t end = text.find(';', i);
    if (end == std::string_view::npos || end - i > 6)
      return "bare ampersand: " + std::string(text.substr(i, 20));
  }
  return text.find('>') == std::string_view::npos ? "" : "bare '>': " + std::string(text);
}

}  // namespace markup

// The first fault of `text`, "" where tags balance, attributes are quoted and text is escaped. The content of
// <style> is CSS and not looked at.
inline std::string markup_fault(std::string_view text) {
  constexpr std::string_view kDoctype = "<!doctype html>";
  if (text.starts_with(kDoctype)) text.remove_prefix(kDoctype.size());
  std::vector<std::string_view> open;
  while (!text.empty()) {
    const size_t start = text.find('<');
    const std::string_view content = text.substr(0, start);
    if (open.empty() || open.back() != "style")
      if (std::string fault = markup::text_fault(content); !fault.empty()) return fault;
    if (start == std::string_view::npos) break;
    const size_t end = text.find('>', start);
    if (end == std::string_view::npos) return "tag without end";
    std::string_view tag = text.substr(start + 1, end - start - 1);
    text.remove_prefix(end + 1);
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "closes another element: " + std::string(tag);
      open.pop_back();
      continue;
    }
    const bool closed = tag.ends_with('/');
    if (closed) tag.remove_suffix(1);
    size_t name = 0;
    while (name < tag.size() && markup::is_name(tag[name])) ++name;
    if (name == 0 || std::isdigit(static_cast<unsigned char>(tag[0])))
      return "tag without name: " + std::string(tag);
    if (std::string fault = markup::attribute_fault(tag.substr(name)); !fault.empty()) return fault;
    if (!closed) open.push_back(tag.substr(0, name));
  }
  return open.empty() ? "" : "never closed: " + std::string(open.back());
}

}  // namespace dsode::report
