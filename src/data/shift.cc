#include "data/shift.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "base/names.h"
#include "data/shift_effects.h"

namespace dsode::data {

namespace {

struct Row {
  std::string_view name, help, unit;
  std::array<double, 5> values;  // the parameter at severities 1-5
  Effect (*make)(double value, Shape shape);
};

// The one place of all severities: `help` is shown with them, `make` gets the one asked for.
constexpr Row kShifts[] = {
    {"rotate",
     "turns anticlockwise; a number outside 1-5 is the angle itself",
     "degrees",
     {10, 20, 30, 45, 60},
     rotate},
    {"scale", "zooms in or out at random", "factor", {1.1, 1.2, 1.35, 1.55, 1.8}, zoom},
    {"translate",
     "moves in a random direction",
     "share of the side",
     {0.05, 0.1, 0.15, 0.2, 0.27},
     translate},
    {"blur", "Gaussian blur", "sigma at 32 pixels", {0.5, 0.8, 1.2, 1.7, 2.4}, blur},
    {"noise", "Gaussian noise", "deviation", {0.04, 0.08, 0.13, 0.2, 0.3}, noise},
    {"brightness", "adds light", "offset", {0.1, 0.2, 0.3, 0.4, 0.5}, brightness},
    {"contrast", "moves values towards the image's mean", "factor", {0.75, 0.55, 0.4, 0.28, 0.18}, contrast},
    {"gamma", "lightens dark tones", "exponent", {0.8, 0.63, 0.5, 0.38, 0.28}, gamma},
    {"invert", "negative image, the same at every severity", "share", {1, 1, 1, 1, 1}, invert},
    {"blend",
     "|texture - image| over random textures (MNIST-M style); blend@FOLDER takes them from pictures",
     "amplitude",
     {0.3, 0.5, 0.7, 0.85, 1},
     blend},
    {"pixelate", "coarse square blocks", "blocks a side", {20, 16, 12, 9, 7}, pixelate},
    {"jpeg", "JPEG compression", "quality", {50, 30, 18, 10, 5}, jpeg},
    {"occlude", "covers a random rectangle", "share of the area", {0.04, 0.08, 0.14, 0.22, 0.32}, occlude},
    {"camera",
     "cheap camera: askew, further off, uneven light, flat greys, blur, sensor noise, tone curve",
     "strength",
     {0.4, 0.7, 1, 1.3, 1.6},
     camera},
};

const Row* find(std::string_view name) {
  const Row* row = std::ranges::find(kShifts, name, &Row::name);
  return row == std::end(kShifts) ? nullptr : row;
}

const Row& find_or_throw(std::string_view name) {
  if (const Row* row = find(name)) return *row;
  std::vector<std::string> known;
  for (const Row& row : kShifts) known.emplace_back(row.name);
  throw bad_input(fmt::format("data: unknown shift '{}'", name), unknown_name_hint(name, known));
}

// The parameter of the severity, or the angle itself.
double value_of(const Row& row, int amount) {
  if (amount >= 1 && amount <= 5) return row.values[static_cast<size_t>(amount - 1)];
  if (row.name == "rotate" && amount >= -180 && amount <= 180) return amount;
  throw bad_input(
      fmt::format("data: shift '{}{}': no such severity", row.name, amount),
      row.name == "rotate" ? "write a severity 1-5, or an angle from -180 to 180" : "write a severity 1-5");
}

int parse_amount(const std::string& text, std::string_view number) {
  int amount = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), amount);
  if (error != std::errc() || end != number.data() + number.size())
    throw bad_input(fmt::format("data: shift '{}': '{}' is not a whole number", text, number),
                    "write a severity 1-5 after the name, as in noise3");
  return amount;
}

Effect make_effect(const ShiftTerm& term, Shape shape) {
  const Row& row = find_or_throw(term.name);
  const double value = value_of(row, term.amount);
  return term.path.empty() ? row.make(value, shape) : blend(value, shape, term.path);
}

}  // namespace

const std::vector<ShiftInfo>& shifts() {
  static const std::vector<ShiftInfo> infos = [] {
    std::vector<ShiftInfo> all;
    for (const Row& row : kShifts)
      all.push_back({std::string(row.name),
                     fmt::format("{} ({}: {})", row.help, row.unit, fmt::join(row.values, ", "))});
    return all;
  }();
  return infos;
}

ShiftTerm parse_shift(const std::string& text) {
  ShiftTerm term;
  const size_t at = text.find('@');
  const std::string_view head = std::string_view(text).substr(0, at);
  const size_t digits = std::min(head.find_first_of("-0123456789"), head.size());
  const Row& row = find_or_throw(head.substr(0, digits));
  term.name = row.name;
  if (digits < head.size()) term.amount = parse_amount(text, head.substr(digits));
  value_of(row, term.amount);
  if (at == std::string::npos) return term;
  if (row.name != "blend")
    throw bad_input(fmt::format("data: shift '{}': takes no folder", text), "only blend@FOLDER does");
  term.path = text.substr(at + 1);
  if (term.path.empty())
    throw bad_input(fmt::format("data: shift '{}': no folder after '@'", text),
                    "write blend@FOLDER, or blend alone");
  return term;
}

std::string shift_text(const ShiftTerm& term) {
  const std::string folder = term.path.empty() ? "" : fmt::format("@{}", term.path.string());
  return fmt::format("{}{}{}", term.name,
                     term.amount == ShiftTerm().amount ? "" : std::to_string(term.amount), folder);
}

Images apply_shifts(Images images, const std::vector<ShiftTerm>& terms, uint64_t seed) {
  for (size_t position = 0; position < terms.size(); ++position) {
    const Effect effect = make_effect(terms[position], images.shape);
    const Stream stream = terms[position].name == "blend" ? Stream::kTexture : Stream::kShift;
    for (int i = 0; i < images.n; ++i) {
      Rng rng(seed, stream, position, static_cast<uint64_t>(i));
      effect(images[i], rng);
    }
  }
  return images;
}

}  // namespace dsode::data
