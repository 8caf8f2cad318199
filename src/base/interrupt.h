// Ctrl-C asks running work to save its state and stop.
#pragma once

namespace dsode {

// From now on SIGINT and SIGTERM only set a flag; a second one ends the process at once.
void catch_interrupts();
bool interrupted();
// Throws Error with Code::kInterrupted when a signal came.
void throw_if_interrupted();

}  // namespace dsode
