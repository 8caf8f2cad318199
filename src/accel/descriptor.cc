#include "accel/descriptor.h"

#include "base/error.h"

namespace dsode::accel {

std::vector<uint32_t> pack(const Descriptor& d) {
  std::vector<uint32_t> parts(kDescriptorParts);
  int at = 0;
  visit_fields(d, [&](const char* name, int bits, uint32_t value) {
    DSODE_CHECK(bits == 32 || value >> bits == 0, "{} = {} has more than {} bits", name, value, bits);
    for (int i = 0; i < bits; ++i, ++at) parts[static_cast<size_t>(at / 32)] |= (value >> i & 1) << at % 32;
  });
  DSODE_CHECK(at <= 32 * kDescriptorParts);
  return parts;
}

}  // namespace dsode::accel
