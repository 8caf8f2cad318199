#include <zlib.h>

#include "Vcrc32.h"
#include "tb/bench.h"

namespace dsode::rtl {
namespace {

TEST(Crc32, IsZlibsForEveryPrefix) {
  for_seeds(50, [](uint64_t seed, Random& random) {
    Module<Vcrc32> crc(seed);
    std::vector<uint32_t> words;
    crc->crc_i = ~0U;
    for (int i = 0; i < 64; ++i) {
      words.push_back(static_cast<uint32_t>(random.bits(32)));
      crc->data_i = words.back();
      crc.settle();
      const auto* bytes = reinterpret_cast<const Bytef*>(words.data());
      ASSERT_EQ(~crc->crc_o, crc32_z(0, bytes, 4 * words.size())) << i;
      crc->crc_i = crc->crc_o;
    }
  });
}

}  // namespace
}  // namespace dsode::rtl
