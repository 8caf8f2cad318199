// A small SVG writer: escaping, numbers, text that fits, and the style that every plot shares.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dsode::report {

// `text` as valid UTF-8 without control characters: every offending byte becomes U+FFFD. Class names come
// from folders.
std::string clean_text(std::string_view text);
// clean_text, then the five characters of XML escaped: safe in element content and in quoted attributes.
std::string escape(std::string_view text);

// A coordinate with at most two decimals and no trailing zeros; "0" where it is not finite.
std::string coordinate(double value);

// At most `max_chars` code points, the last of them an ellipsis where the text was cut.
std::string shorten(std::string_view text, size_t max_chars);
// Estimated width in pixels of `text` at `size` px in a system sans-serif.
double text_width(std::string_view text, double size);

// Colours are CSS classes that set --k: "c0".."c9" (Tol's muted scheme, told apart by colour-blind readers),
// "accent", "muted", "warm". `fill` and `stroke` paint with --k.
std::string category_class(size_t index);

// CSS of the plots and their variables, light and dark. The page includes it once.
std::string_view plot_style();

// Builds one inline <svg> that scales to its container's width. Arguments named `css` are our own class
// lists.
class Svg {
 public:
  // `title` and `description` are what a screen reader says.
  Svg(double width, double height, std::string_view title, std::string_view description);

  void rect(double x, double y, double width, double height, std::string_view css, double opacity = 1);
  void line(double x1, double y1, double x2, double y2, std::string_view css);
  void circle(double x, double y, double radius, std::string_view css);
  // `data` is path data made with coordinate().
  void path(std::string_view data, std::string_view css);
  // `anchor` is start, middle or end; `css` adds to the text's style.
  void text(double x, double y, std::string_view text, std::string_view anchor = "start",
            std::string_view css = "");
  // As text(), turned by `degrees` about (x, y).
  void turned_text(double x, double y, double degrees, std::string_view text, std::string_view anchor);

  // The finished element.
  std::string str() const { return out_ + "</svg>\n"; }

 private:
  std::string out_;
};

// A plot as a file of its own, with the style inside, for pages other than the report.
std::string standalone_svg(std::string_view inline_svg);

}  // namespace dsode::report
