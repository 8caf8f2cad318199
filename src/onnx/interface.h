// What every exported model shows: pixels in, scores out, and in its metadata all that a user of it needs.
#pragma once

#include "ir/spec.h"
#include "onnx/model.h"

namespace dsode::onnx {

inline constexpr const char* kFormat = "dsodenet-onnx/1";
inline constexpr const char *kPixels = "pixels", *kLogits = "logits", *kFeatures = "features";

// A model without nodes that takes u8 `pixels` [N,H,W,C], so that nobody forgets to normalise them, and gives
// `logits` [N,classes] and `features` [N,width], the classifier's input.
Model interface(const ir::ModelSpec& spec, int width);

}  // namespace dsode::onnx
