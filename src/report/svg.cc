#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dsode::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), 0 where there is
// none.
size_t sequence_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if (!is_continuation(byte(i))) return 0;
  if (first == 0xE0 && byte(1) < 0xA0) return 0;                      // overlong
  if (first == 0xED && byte(1) > 0x9F) return 0;                      // surrogates
  if (first == 0xF0 && byte(1) < 0x90) return 0;                      // overlong
  if (first == 0xF4 && byte(1) > 0x8F) return 0;                      // above U+10FFFF
  if (first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE) return 0;  // U+FFFE, U+FFFF: not XML
  return length;
}

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    const bool control = static_cast<unsigned char>(text[0]) < 0x20 && text[0] != '\n' && text[0] != '\t';
    out += length == 0 || control || text[0] == 0x7F ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string coordinate(double value) {
  if (!std::isfinite(value)) return "0";
  std::string out = fmt::format("{:.2f}", std::clamp(value, -1e6, 1e6));
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string shorten(std::string_view text, size_t max_chars) {
  std::string clean = clean_text(text);
  if (count_code_points(clean) <= max_chars) return clean;
  size_t end = 0;
  for (size_t kept = 0; end < clean.size(); ++end)
    if (!is_continuation(clean[end]) && kept++ + 1 >= max_chars) break;
  return clean.substr(0, end) + "…";
}

double text_width(std::string_view text, double size) {
  return 0.56 * size * static_cast<double>(count_code_points(text));
}

std::string category_class(size_t index) { return fmt::format("c{}", index % 10); }

Svg::Svg(double width, double height, std::string_view title, std::string_view description) {
  out_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{}\">"
      "<title>{}</title><desc>{}</desc>\n",
      coordinate(width), coordinate(height), escape(title), escape(title), escape(description));
}

void Svg::rect(double x, double y, double width, double height, std::string_view css, double opacity) {
  out_ +=
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"", coordinate(x),
                  coordinate(y), coordinate(std::max(0.0, width)), coordinate(std::max(0.0, height)), css);
  out_ += opacity < 1 ? fmt::format(" fill-opacity=\"{}\"/>\n", coordinate(opacity)) : "/>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view css) {
  out_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>\n", coordinate(x1),
                      coordinate(y1), coordinate(x2), coordinate(y2), css);
}

void Svg::circle(double x, double y, double radius, std::string_view css) {
  out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{}\"/>\n", coordinate(x), coordinate(y),
                      coordinate(radius), css);
}

void Svg::path(std::string_view data, std::string_view css) {
  if (!data.empty()) out_ += fmt::format("<path d=\"{}\" class=\"{}\"/>\n", data, css);
}

void Svg::text(double x, double y, std::string_view text, std::string_view anchor, std::string_view css) {
  out_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", coordinate(x),
                      coordinate(y), anchor, css, escape(text));
}

void Svg::turned_text(double x, double y, double degrees, std::string_view text, std::string_view anchor) {
  out_ += fmt::format("<text transform=\"translate({} {}) rotate({})\" text-anchor=\"{}\">{}</text>\n",
                      coordinate(x), coordinate(y), coordinate(degrees), anchor, escape(text));
}

std::string_view plot_style() {
  return R"css(
:root{--ink:#1b1f24;--soft:#626b76;--hair:#e3e5e8;--page:#fff;--panel:#f6f7f8;--accent:#0b6e8f;--warm:#c8551b;--bar:#9aa3ad;
--c0:#cc6677;--c1:#332288;--c2:#d3b94f;--c3:#117733;--c4:#6bb7e0;--c5:#882255;--c6:#44aa99;--c7:#8f8f2b;--c8:#aa4499;--c9:#777}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa4b0;--hair:#2c333b;--page:#14181d;--panel:#1c2229;
--accent:#57b9d9;--warm:#f0935a;--bar:#6b7683;--c0:#e58795;--c1:#8f88f0;--c2:#e0cd74;--c3:#4fb869;--c4:#8fd0f2;--c5:#d0608f;
--c6:#4fc0ae;--c7:#bdbd55;--c8:#d27fc4;--c9:#a5a5a5}}
.accent{--k:var(--accent)}.muted{--k:var(--bar)}.warm{--k:var(--warm)}.paper{--k:var(--page)}
.c0{--k:var(--c0)}.c1{--k:var(--c1)}.c2{--k:var(--c2)}.c3{--k:var(--c3)}.c4{--k:var(--c4)}
.c5{--k:var(--c5)}.c6{--k:var(--c6)}.c7{--k:var(--c7)}.c8{--k:var(--c8)}.c9{--k:var(--c9)}
svg.plot{display:block;width:100%;height:auto;overflow:visible;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
.plot text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
.plot text.strong{fill:var(--ink);font-weight:600}.plot text.ink{fill:var(--ink)}
.plot text.key{fill:var(--k);font-weight:600}.plot text.cell{font-size:11.5px;fill:var(--ink)}
.plot text.on{fill:var(--page)}.plot text.halo{fill:var(--ink);font-weight:600;stroke:var(--page);stroke-width:3.5px;
stroke-linejoin:round;paint-order:stroke}.plot .frame~text.halo{stroke:var(--panel)}
.plot .fill{fill:var(--k)}.plot .stroke{fill:none;stroke:var(--k);stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.plot .whisker{stroke:var(--k);stroke-width:10;stroke-linecap:butt;opacity:.38}
.plot .dots{fill:none;stroke:var(--k);stroke-width:4.6;stroke-linecap:round;opacity:.72}
.plot .grid{stroke:var(--hair);stroke-width:1}.plot .axis{stroke:var(--bar);stroke-width:1}
.plot .dash{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}.plot .frame{fill:var(--panel)}
.plot .ring{fill:var(--page);stroke:var(--k);stroke-width:2.25}
)css";
}

std::string standalone_svg(std::string_view inline_svg) {
  const size_t after_tag = std::min(inline_svg.find('>'), inline_svg.size() - 1) + 1;
  return fmt::format("{}<style>{}</style>{}", inline_svg.substr(0, after_tag), plot_style(),
                     inline_svg.substr(after_tag));
}

}  // namespace dsode::report
