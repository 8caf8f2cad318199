#include "base/interrupt.h"

#include <atomic>
#include <csignal>

#include "base/error.h"

namespace dsode {

namespace {

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int signal) {
  if (flag.exchange(true)) std::signal(signal, SIG_DFL), std::raise(signal);
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

bool interrupted() { return flag; }

void throw_if_interrupted() {
  if (interrupted()) throw Error(Code::kInterrupted, "interrupted");
}

}  // namespace dsode
