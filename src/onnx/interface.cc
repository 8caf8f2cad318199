#include "onnx/interface.h"

namespace dsode::onnx {

Model interface(const ir::ModelSpec& spec, int width) {
  const Shape in = spec.input;
  Model model;
  model.name = spec.name();
  model.doc = fmt::format("{}, {} steps of {}, unrolled", spec.name(), spec.steps, spec.solver);
  model.metadata = {{"format", kFormat},
                    {"spec", ir::to_json(spec).dump()},
                    {"classes", Json(spec.classes).dump()},
                    {"resize", spec.resize}};
  model.inputs = {{kPixels,
                   fmt::format("{} images as they are, 0 to 255, resized by the rule {}",
                               in.c == 1 ? "grey" : "RGB", spec.resize),
                   ir::DType::kU8,
                   {in.h, in.w, in.c}}};
  model.outputs = {{kLogits, "a score for each class", ir::DType::kF32, {spec.classes_count()}},
                   {kFeatures, "what the classifier reads", ir::DType::kF32, {width}}};
  return model;
}

}  // namespace dsode::onnx
