#include "accel/sim_core.h"

#include <dlfcn.h>

#include "base/error.h"

namespace dsode::accel {

std::unique_ptr<SimCore> make_sim_core(const std::string& target, uint64_t seed) {
  namespace fs = std::filesystem;
  const fs::path path = fs::read_symlink("/proc/self/exe").parent_path() / "simulators" / (target + ".so");
  const std::string remedy = fmt::format("build it, which may take minutes: ./dev simulator {}", target);
  if (!fs::exists(path))
    throw bad_input(fmt::format("{}: there is no simulator of target {}", path.string(), target), remedy);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays as long as the program
  if (!library) throw bad_input(fmt::format("{}: {}", path.string(), dlerror()), remedy);
  using Make = SimCore*(uint64_t);
  auto* make = reinterpret_cast<Make*>(dlsym(library, "dsode_make_sim_core"));
  if (!make) throw bad_input(fmt::format("{}: is no simulator", path.string()), remedy);
  return std::unique_ptr<SimCore>(make(seed));
}

}  // namespace dsode::accel
