// Generated models on a device against the golden interpreter: does this hardware compute what it should?
#pragma once

#include <functional>
#include <optional>

#include "accel/target.h"
#include "accel/transport.h"

namespace dsode::accel {

struct SelfTest {
  int models = 0, too_large = 0;  // that ran; that the target cannot hold
  uint64_t images = 0, values = 0, differing = 0;
  std::optional<uint64_t> first_differing;  // the seed of that model
};

// Models of quant::make_vector from `seed` on, until `models` of them fit the target and have run, all their
// images back to back; `after_model` is called after each. Throws failed naming the seed where the
// accelerator finds an error, bad_input where hardly any model fits.
SelfTest self_test(Transport& transport, const Target& target, int models, uint64_t seed,
                   const std::function<void()>& after_model);

}  // namespace dsode::accel
