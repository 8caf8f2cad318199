// Any bytes are a clear error or a file that survives being written and read again.
#include <cstdlib>

#include "base/error.h"
#include "ir/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dsode;
  try {
    const ir::SafeTensors first = ir::parse_safetensors({data, size}, "fuzz");
    const ir::SafeTensors second = ir::parse_safetensors(ir::serialize(first), "again");
    if (first.tensors != second.tensors || first.metadata != second.metadata) std::abort();
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with("again")) std::abort();
  }
  return 0;
}
