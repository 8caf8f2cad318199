// The order of the axes in ONNX.
#pragma once

#include <cstdint>
#include <vector>

namespace dsode::onnx {

// [taps,in,out] -> [out,in,taps].
template <class T>
std::vector<T> channels_first(const std::vector<T>& values, int64_t in, int64_t out) {
  const int64_t taps = static_cast<int64_t>(values.size()) / (in * out);
  std::vector<T> moved(values.size());
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t o = 0; o < out; ++o)
        moved[static_cast<size_t>((o * in + i) * taps + tap)] =
            values[static_cast<size_t>((tap * in + i) * out + o)];
  return moved;
}

}  // namespace dsode::onnx
