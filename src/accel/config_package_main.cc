// Writes dsode_cfg_pkg.sv of a target file, for the build.
#include <cstdio>

#include "accel/config_package.h"
#include "base/error.h"
#include "base/file.h"

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw dsode::bad_input("usage: config_package TARGET.toml OUT.sv");
    dsode::write_file(argv[2], dsode::accel::config_package(dsode::accel::load_target(argv[1])));
    return 0;
  } catch (const dsode::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
