// Progress of long work on stderr: a bar with rate and time left on a terminal, nothing elsewhere (callers
// log lines).
#pragma once

#include <chrono>
#include <string>

namespace dsode {

class Progress {
 public:
  // `unit` names what is counted ("images"); `total` may be 0 when unknown.
  Progress(std::string label, std::string unit, int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;

  // Redraws at most ten times a second; `note` stands at the end of the line ("loss 0.41").
  void advance(int64_t count, const std::string& note = "");
  double seconds() const;
  double rate() const;  // units a second

 private:
  void draw(const std::string& note);
  void clear();

  using Clock = std::chrono::steady_clock;
  std::string label_, unit_;
  int64_t total_, done_ = 0;
  bool visible_, drawn_ = false;
  Clock::time_point start_ = Clock::now(), last_draw_ = start_;
};

// "1:07" or "2:03:10".
std::string format_duration(double seconds);

}  // namespace dsode
