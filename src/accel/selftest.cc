#include "accel/selftest.h"

#include "accel/compile.h"
#include "accel/driver.h"
#include "accel/packet.h"
#include "base/error.h"
#include "quant/golden.h"
#include "quant/vectors.h"

namespace dsode::accel {

namespace {

std::optional<Program> compile_if_it_fits(const ir::integer::Graph& graph, const Target& target) {
  try {
    return compile(graph, target);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

SelfTest self_test(Transport& transport, const Target& target, int models, uint64_t seed,
                   const std::function<void()>& after_model) {
  const int most_too_large = 100 + 20 * models;
  SelfTest result;
  Driver driver(transport, target);
  driver.reset();
  for (; result.models < models; ++seed) {
    const quant::Vector vector = quant::make_vector(seed);
    const std::optional<Program> program = compile_if_it_fits(vector.model, target);
    if (!program) {
      if (++result.too_large > most_too_large)
        throw bad_input(fmt::format("selftest: of {} models the target {} holds {}",
                                    result.models + result.too_large, target.name, result.models),
                        "name a larger --target");
      continue;
    }
    quant::Golden golden(vector.model);
    Scores expected;
    for (int i = 0; i < vector.images.n; ++i)
      golden.run(vector.images[i], expected.emplace_back(static_cast<size_t>(program->classes)));
    uint64_t differing = 0;
    try {
      driver.load(model_packet(*program));
      differing = count_differing(driver.run(image_packets(vector.images)), expected);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("selftest: the model of seed {}: {}", seed, error.what()),
                  error.hint());
    }
    if (differing > 0 && !result.first_differing) result.first_differing = seed;
    result.differing += differing;
    result.images += expected.size();
    result.values += expected.size() * static_cast<size_t>(program->classes);
    ++result.models;
    after_model();
  }
  return result;
}

}  // namespace dsode::accel
