// Writes dsode_cfg_pkg.sv of a target file, for the build.
#include <cstdio>

#include "accel/config_package.h"
#include "base/error.h"
#include "base/file.h"

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw dsode::bad_input("usage: config_package TARGET.toml OUT.sv");
    // An old file that is right stays, so that nothing is verilated again.
    const std::string text = dsode::accel::config_package(dsode::accel::load_target(argv[1]));
    if (!std::filesystem::exists(argv[2]) || dsode::read_text(argv[2]) != text)
      dsode::write_file(argv[2], text);
    return 0;
  } catch (const dsode::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
