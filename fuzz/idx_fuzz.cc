// IDX files, plain and gzip.
#include "base/error.h"
#include "data/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dsode::data;
  try {
    const IdxArray array = parse_idx({data, size}, "fuzz");
    if (array.dims.size() == 1)
      idx_labels(array, "fuzz");
    else
      idx_images(array, "fuzz");
  } catch (const dsode::Error&) {
  }
  return 0;
}
