#include "base/progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/text_table.h"

namespace dsode {

namespace {

bool terminal_wants_bars() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) && term && std::strcmp(term, "dumb") != 0 &&
         spdlog::default_logger()->should_log(spdlog::level::info);
}

size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// A bar in eighths of a character cell.
std::string bar(double fraction, int cells) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * cells * 8);
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  const int used = eighths / 8 + (eighths % 8 != 0);
  return text + std::string(static_cast<size_t>(cells - used), ' ');
}

}  // namespace

std::string format_duration(double seconds) {
  const auto s = static_cast<int64_t>(std::lround(seconds));
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

Progress::Progress(std::string label, std::string unit, int64_t total)
    : label_(std::move(label)), unit_(std::move(unit)), total_(total), visible_(terminal_wants_bars()) {}

Progress::~Progress() { clear(); }

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

double Progress::rate() const { return static_cast<double>(done_) / std::max(seconds(), 1e-9); }

void Progress::advance(int64_t count, const std::string& note) {
  done_ += count;
  if (!visible_) return;
  const auto now = Clock::now();
  if (now - last_draw_ < std::chrono::milliseconds(100)) return;
  last_draw_ = now;
  draw(note);
}

void Progress::draw(const std::string& note) {
  std::string line = fmt::format("{}  ", label_);
  if (total_ > 0) {
    const double left = static_cast<double>(total_ - done_) / std::max(rate(), 1e-9);
    line += fmt::format("▕{}▏ {:3.0f} %  {:.0f} {}/s  {} left  ",
                        bar(static_cast<double>(done_) / static_cast<double>(total_), 24),
                        100.0 * static_cast<double>(done_) / static_cast<double>(total_), rate(), unit_,
                        format_duration(left));
  } else {
    line += fmt::format("{} {}  {:.0f}/s  ", done_, unit_, rate());
  }
  const size_t used = display_width(line);
  line += note.substr(0, std::max(terminal_columns(), used) - used);
  fmt::print(stderr, "\r\x1b[K{}", line);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace dsode
