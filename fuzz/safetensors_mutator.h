// A wrong header length is refused at once, so mutations of a safetensors file keep it right: they change the
// header, or bytes of the data.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" inline size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  constexpr size_t kLengthBytes = 8;
  uint64_t header = 0;
  if (size >= kLengthBytes) std::memcpy(&header, data, kLengthBytes);
  if (header == 0 || header > size - kLengthBytes || seed % 16 == 0)
    return LLVMFuzzerMutate(data, size, max_size);
  uint8_t* const text = data + kLengthBytes;
  const std::vector<uint8_t> rest(text + header, data + size);
  if (seed % 4 == 1 && !rest.empty()) {
    LLVMFuzzerMutate(text + header, rest.size(), rest.size());
    return size;
  }
  header = LLVMFuzzerMutate(text, header, max_size - kLengthBytes - rest.size());
  std::memcpy(data, &header, kLengthBytes);
  if (!rest.empty()) std::memcpy(text + header, rest.data(), rest.size());
  return kLengthBytes + header + rest.size();
}
