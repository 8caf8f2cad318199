// MATLAB files: any array, and SVHN's pair of them.
#include "base/error.h"
#include "data/mat5.h"
#include "data/svhn.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dsode::data;
  for (const char* variable : {"X", "y"}) {
    try {
      parse_mat5({data, size}, "fuzz", variable);
    } catch (const dsode::Error&) {
    }
  }
  try {
    std::vector<int> labels;
    parse_svhn({data, size}, "fuzz", &labels);
  } catch (const dsode::Error&) {
  }
  return 0;
}
